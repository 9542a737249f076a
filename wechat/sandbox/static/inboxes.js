// Draws everybody's inbox and asks for news. Text goes in as text, never as markup.
"use strict";

const words = JSON.parse(document.getElementById("words").textContent);
const language = document.documentElement.lang;
const phones = document.getElementById("phones");
const search = document.getElementById("search");
const SHOWN = 12;
const INTERVAL_MS = 1500;
let people = [];
let changes = "";

function make(tag, className, content) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (content !== undefined) element.append(content);
  return element;
}

function isLink(address) {
  return /^https?:\/\//.test(address);
}

function drawCard(message) {
  const card = make("article", "card");
  const app = make("div", "app");
  app.append(make("span", "icon", [...message.app_name][0] || "·"), make("span", "", message.app_name));
  if (message.state !== "formal") app.append(make("span", "state-tag", words[`state_${message.state}`]));
  const fields = make("dl");
  for (const field of message.fields) fields.append(make("dt", "", field.label), make("dd", "", field.value));
  card.append(app, make("h2", "", message.title), fields);
  if (message.page) {
    const link = make(isLink(message.page_url) ? "a" : "div", "open", make("span", "", words.open_page));
    if (isLink(message.page_url)) Object.assign(link, { href: message.page_url, target: "_blank", rel: "noreferrer" });
    card.append(link, make("div", "path", message.page));
  }
  return card;
}

function drawSms(message, person) {
  const isMail = message.channel === "email";
  const box = make("article", isMail ? "sms mail" : "sms");
  const bubble = make("div", "bubble");
  if (isMail) bubble.append(make("strong", "subject", message.title), "\n");
  for (const part of message.body.split(/(https?:\/\/[^\s，。；）)]+)/)) {
    if (!isLink(part)) { bubble.append(part); continue; }
    const link = make("a", "", part);
    // Which phone it was opened on: a page of ours may then act as that person's WeChat.
    Object.assign(link, { href: `${part}#person=${person.id}`, target: "_blank", rel: "noreferrer" });
    bubble.append(link);
  }
  box.append(make("div", "from", isMail ? `${words.mail} · ${message.sender} → ${message.address}` : words.sms), bubble);
  return box;
}

function drawPhone(person) {
  const phone = make("section", "phone");
  phone.dataset.person = person.id;
  const who = make("div", "who");
  const name = make("a", "", person.name || words.unknown_person);
  name.href = `?lang=${language}&person=${person.id}`;
  who.append(name, make("span", "", person.phone || person.email));
  who.append(make("span", "count", words.message_count.replace("{count}", person.messages.length)));
  const thread = make("div", "thread");
  if (!person.messages.length) thread.append(make("p", "none", words.empty));
  for (const message of person.messages) {
    const at = new Date(message.received_at);
    thread.append(make("div", "at", at.toLocaleString(language, { dateStyle: "medium", timeStyle: "short" })));
    thread.append(message.channel === "sms" || message.channel === "email" ? drawSms(message, person) : drawCard(message));
  }
  phone.append(who, make("div", "bar", words.service_messages), thread);
  return phone;
}

function draw() {
  const only = new URLSearchParams(location.search).get("person");
  const wanted = search.value.trim().toLowerCase();
  const found = people.filter((person) =>
    (!only || person.id === only) && `${person.name} ${person.phone} ${person.email}`.toLowerCase().includes(wanted));
  phones.replaceChildren(...found.slice(0, SHOWN).map(drawPhone));
  for (const thread of phones.querySelectorAll(".thread")) thread.scrollTop = thread.scrollHeight;
  const note = document.getElementById("note");
  note.hidden = found.length > 0 && found.length <= SHOWN && !only;
  note.replaceChildren(!people.length ? words.nobody : found.length > SHOWN ? words.more : "");
  if (only) {
    const all = make("a", "", words.all_people);
    all.href = `?lang=${language}`;
    note.replaceChildren(all);
  }
}

async function refresh() {
  const state = document.getElementById("state");
  try {
    const answer = await fetch(`sandbox/inboxes?changes=${changes}`, { cache: "no-store" });
    const news = await answer.json();
    state.textContent = words.live;
    state.classList.remove("lost");
    if (news.people) {
      ({ changes, people } = news);
      draw();
    }
  } catch {
    state.textContent = words.offline;
    state.classList.add("lost");
  }
  setTimeout(refresh, INTERVAL_MS);
}

search.addEventListener("input", draw);
refresh();

"""What the stand-in knows: apps, people, consents and messages, in memory behind one lock.

With a journal file every change is one appended JSON line, read back at start, so that a restarted demo
keeps its inbox. Codes and access tokens are not kept: after a restart they are refused, as after a real
outage.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from collections import Counter, defaultdict
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

CODE_SECONDS = 300
VISIT_SECONDS = 7200


@dataclass
class App:
    """A registered mini-program or official account (``kind``, as in our own registry).

    ``templates`` maps a template id to its title and labelled fields; ``oauth_domain`` is the 网页授权域名 of an account.
    """

    app_id: str
    secret: str
    name: str = ""
    callback_url: str = ""
    token: str = ""
    encoding_aes_key: str = ""
    callback_format: str = "json"
    templates: dict[str, dict[str, Any]] = field(default_factory=dict)
    pages: list[str] = field(default_factory=list)
    page_url_prefix: str = ""
    open_platform: bool = True
    kind: str = "mini_program"
    oauth_domain: str = ""

    def page_url_of(self, page: str, person_id: str) -> str:
        """Where a page opens for a person; ``{person}`` in the prefix stands for their id. Empty without either."""
        return (
            self.page_url_prefix.replace("{person}", person_id) + page
            if self.page_url_prefix and page
            else ""
        )


@dataclass
class Person:
    """Somebody with a phone; one openid per app, one unionid over apps of one open-platform account.

    Without a phone it is an e-mail address that nobody here is known to have.
    """

    id: str
    name: str
    phone: str
    unionid: str
    email: str = ""

    def openid(self, app_id: str) -> str:
        """This person's openid in an app: 28 characters, the same after a restart."""
        digest = hashlib.sha256(f"{app_id}\n{self.id}".encode()).digest()
        return "o" + base64.urlsafe_b64encode(digest).decode()[:27]


@dataclass
class Code:
    """A single-use code of ``wx.login``, ``getPhoneNumber`` or a web authorisation."""

    kind: str
    app_id: str
    person_id: str
    expires_at: float
    used: bool = False


class SandboxState:
    """All of it. Hold ``lock`` (re-entrant) around anything that reads and then writes."""

    def __init__(self, journal: Path | None = None) -> None:
        self.lock = threading.RLock()
        self.changes = 0
        self._journal_path = journal
        self._journal = None
        self.clear()
        if journal is not None:
            self._replay(journal)
            self._journal = journal.open("a", encoding="utf-8")
            if self._journal.tell() and not journal.read_bytes().endswith(b"\n"):
                self._journal.write("\n")  # end a torn line, or it would spoil the next one

    def clear(self) -> None:
        """Forget everything, the journal included."""
        with self.lock:
            self.apps: dict[str, App] = {}
            self.people: dict[str, Person] = {}
            self.codes: dict[str, Code] = {}
            self.ledger: Counter[tuple[str, str, str]] = Counter()
            self.calls: Counter[tuple[str, str]] = Counter()
            self.banned: set[tuple[str, str]] = set()
            self.visits: dict[tuple[str, str], float] = {}
            self.messages: list[dict[str, Any]] = []
            self._by_openid: dict[tuple[str, str], Person] = {}
            self._by_phone: dict[str, Person] = {}
            self._by_mail: dict[str, Person] = {}
            self._inbox: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
            self.changes += 1
            if self._journal is not None:
                self._journal.truncate(0)

    # --- Apps and people ---

    def put_app(self, app: App) -> None:
        """Register an app, or replace its registration; bans on its templates are lifted."""
        with self.lock:
            self._record("app", asdict(app))
            self.apps[app.app_id] = app
            self.banned = {pair for pair in self.banned if pair[0] != app.app_id}
            for person in self.people.values():
                self._by_openid[app.app_id, person.openid(app.app_id)] = person

    def put_person(self, name: str, phone: str, email: str = "") -> tuple[Person, bool]:
        """The person with this phone, made when there is none; a name or an e-mail address replaces the old one."""
        with self.lock:
            person = self._by_phone.get(phone)
            if person is not None:
                changed = (name or person.name, email.lower() or person.email)
                if changed != (person.name, person.email):
                    person.name, person.email = changed
                    self._record("person", asdict(person))
                    self._add_person(person)
                return person, False
            return self._new_person(name, phone, email), True

    def person_of_mail(self, address: str) -> Person:
        """Whose e-mail address this is; somebody new when nobody's."""
        with self.lock:
            return self._by_mail.get(address.lower()) or self._new_person(address, "", address)

    def _new_person(self, name: str, phone: str, email: str) -> Person:
        unionid = "u" + secrets.token_urlsafe(21)[:27]
        person = Person(secrets.token_hex(8), name, phone, unionid, email.lower())
        self._record("person", asdict(person))
        self._add_person(person)
        return person

    def _add_person(self, person: Person) -> None:
        self.people[person.id] = person
        if person.phone:
            self._by_phone[person.phone] = person
        if person.email:
            self._by_mail[person.email] = person
        for app_id in self.apps:
            self._by_openid[app_id, person.openid(app_id)] = person

    def owner_of(self, app_id: str, openid: str) -> Person | None:
        """Whose openid this is in this app."""
        return self._by_openid.get((app_id, openid))

    # --- Codes ---

    def new_code(self, kind: str, app_id: str, person_id: str) -> str:
        """A fresh code, good for five minutes and one use."""
        with self.lock:
            if kind == "login":  # the mini-program was opened
                self.visits[app_id, self.people[person_id].openid(app_id)] = time.monotonic()
            code = {"login": "0", "phone": "p", "web": "0"}[kind] + secrets.token_urlsafe(24)[:31]
            self.codes[code] = Code(kind, app_id, person_id, time.monotonic() + CODE_SECONDS)
            return code

    def spend_code(self, kind: str, app_id: str, code: str) -> Person | int:
        """The person of a code, once; or WeChat's error code: 40029 not valid, 40163 used before."""
        with self.lock:
            found = self.codes.get(code)
            if found is None or (found.kind, found.app_id) != (kind, app_id):
                return 40029
            if found.used:
                return 40163
            if time.monotonic() > found.expires_at:
                return 40029
            found.used = True
            return self.people[found.person_id]

    def visited_lately(self, app_id: str, openid: str) -> bool:
        """Whether somebody opened the mini-program within the last two hours."""
        with self.lock:
            at = self.visits.get((app_id, openid))
            return at is not None and time.monotonic() - at < VISIT_SECONDS

    def count_call(self, app_id: str, operation: str) -> None:
        """Remember that an app called an operation, whatever came of it."""
        with self.lock:
            self.calls[app_id, operation] += 1

    # --- Consents ---

    def consent(self, app_id: str, openid: str, template_id: str) -> int:
        """How many sends are allowed."""
        return self.ledger[app_id, openid, template_id]

    def change_consent(self, app_id: str, openid: str, template_id: str, change: int) -> None:
        """Add (or take) consents; never below zero."""
        with self.lock:
            key = (app_id, openid, template_id)
            self.ledger[key] = max(0, self.ledger[key] + change)
            self._record("consent", {"key": list(key), "count": self.ledger[key]})

    # --- Messages ---

    def add_message(self, person_id: str, message: dict[str, Any]) -> None:
        """Put a message into a person's inbox."""
        with self.lock:
            self._record("message", {"person_id": person_id, **message})
            self._keep_message({"person_id": person_id, **message})

    def _keep_message(self, message: dict[str, Any]) -> None:
        self.messages.append(message)
        self._inbox[message["person_id"]].append(message)

    def inbox(self, person_id: str) -> list[dict[str, Any]]:
        """A person's messages, oldest first."""
        with self.lock:
            return list(self._inbox[person_id])

    # --- Journal ---

    def _record(self, kind: str, value: dict[str, Any]) -> None:
        self.changes += 1
        if self._journal is not None:
            self._journal.write(json.dumps({"kind": kind, "value": value}, ensure_ascii=False) + "\n")
            self._journal.flush()

    def _replay(self, journal: Path) -> None:
        journal.parent.mkdir(parents=True, exist_ok=True)
        if not journal.exists():
            return
        for line in journal.read_text(encoding="utf-8").splitlines():
            try:
                entry = json.loads(line)
            except ValueError:
                continue  # the last line of a process that was killed while writing it
            self._apply(entry["kind"], entry["value"])

    def _apply(self, kind: str, value: dict[str, Any]) -> None:
        if kind == "app":
            self.put_app(App(**value))
        elif kind == "person":
            self._add_person(Person(**value))
        elif kind == "consent":
            self.ledger[tuple(value["key"])] = value["count"]
        elif kind == "message":
            self._keep_message(value)

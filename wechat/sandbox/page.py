"""The page that shows every person's inbox as their phone would."""

from __future__ import annotations

from flask import Blueprint, render_template, request

from app.core.catalogue import best_language, languages, text

WORDS = (
    "title",
    "subtitle",
    "search",
    "nobody",
    "empty",
    "service_messages",
    "sms",
    "mail",
    "open_page",
    "unknown_person",
    "message_count",
    "state_developer",
    "state_trial",
    "all_people",
    "offline",
    "live",
    "more",
    "not_real",
)


def page_blueprint() -> Blueprint:
    """The route ``/`` and its static files."""
    routes = Blueprint(
        "page", __name__, template_folder="templates", static_folder="static", static_url_path="/assets"
    )
    routes.add_url_rule("/", "inboxes", _inboxes)
    return routes


def _language() -> str:
    asked = request.args.get("lang")
    if asked:
        return best_language(asked)
    known = [*languages(), *(name.split("-")[0] for name in languages())]
    return best_language(request.accept_languages.best_match(known))


def _inboxes() -> str:
    language = _language()
    words = {name: text(language, f"sandbox.{name}", count="{count}") for name in WORDS}
    others = [name for name in languages() if name != language]
    names = {name: text(name, "sandbox.language_name") for name in others}
    return render_template("inboxes.html", language=language, words=words, others=names)

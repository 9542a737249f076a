"""What a message says: written once, when it is planned, in the candidate's language and on the candidate's clock.

The content is one JSON document, sealed with the candidate's key: ``title`` and ``body`` for a screen, ``sms`` for a
phone, ``mail`` for an e-mail, ``fields`` for a WeChat template (name, company, position, time, note, status; ``time`` is
ISO 8601 in the candidate's zone), ``page`` of the mini-program, ``language``, and ``until``: after it the message is of no
use.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_datetime, get_timezone_gmt

from app.core.catalogue import best_language, has, text

PAGE = "pages/invitation/index"
_SHORT = 60  # characters of a company's free text that an SMS quotes; the whole of it is behind the link
_WHOLE = {"help": 300}  # our own words: only a question in them may be longer, a link or a time must arrive


def reason_words(language: str, code: str) -> tuple[str, str]:
    """What a reason of a message means and what can be done: our own words first, then WeChat's."""
    homes = (f"messages.reasons.{code}", f"wechat.reasons.{code}", "messages.reasons.internal_error")
    home = next(home for home in homes if has(f"{home}.title"))
    return text(language, f"{home}.title"), text(language, f"{home}.next")


@dataclass(frozen=True)
class Reader:
    """Who reads the message, and what it is about. ``link`` opens the invitation in a browser, ``token`` in WeChat."""

    name: str
    language: str
    zone: str
    company: str
    position: str
    link: str
    token: str

    def clock(self, moment: datetime) -> str:
        """A moment as this reader would say it."""
        tongue = best_language(self.language)
        local = moment.astimezone(ZoneInfo(self.zone))
        return format_datetime(local, text(tongue, "messages.moment"), locale=_locale(tongue))

    def zone_name(self, moment: datetime) -> str:
        """The name of the reader's clock: a familiar one, else its distance from GMT."""
        key = f"messages.zones.{self.zone}"
        if has(key):
            return text(self.language, key)
        return get_timezone_gmt(moment.astimezone(ZoneInfo(self.zone)), width="long", locale="en")


def compose(
    reader: Reader,
    key: str,
    *,
    time: datetime,
    until: datetime | None = None,
    status: str | None = None,
    note: str | None = None,
    linked: bool = True,
    **params: str,
) -> dict[str, Any]:
    """The content of one message from the words under ``messages.kinds.<key>``.

    ``time`` is the moment the message is about. ``params`` fill the words beside name, company, position, time and
    zone; an SMS quotes them shortened. ``status`` and ``note`` replace those of the catalogue.
    """
    base = f"messages.kinds.{key}"
    known = {
        "name": reader.name,
        "company": reader.company,
        "position": reader.position,
        "time": reader.clock(time),
        "zone": reader.zone_name(time),
    }
    tongue = best_language(reader.language)
    full = text(tongue, f"{base}.body", **known, **params)
    quoted = {name: _short(value, _WHOLE.get(name, _SHORT)) for name, value in params.items()}
    short = text(tongue, f"{base}.body", **known, **quoted)
    kind = "_linked" if linked else ""
    return {
        "title": text(tongue, f"{base}.title", **known, **params),
        "body": full,
        "sms": text(tongue, f"messages.sms{kind}", body=short, link=reader.link),
        "mail": text(tongue, f"messages.mail{kind}", body=full, link=reader.link, company=reader.company),
        "fields": {
            "name": reader.name,
            "company": reader.company,
            "position": reader.position,
            "time": time.astimezone(ZoneInfo(reader.zone)).isoformat(timespec="seconds"),
            "status": status or text(tongue, f"{base}.status"),
            "note": note or text(tongue, f"{base}.note"),
        },
        "page": f"{PAGE}?token={reader.token}",
        "language": tongue,
        "until": until.isoformat() if until else None,
    }


def _short(value: str, most: int) -> str:
    return value if len(value) <= most else value[: most - 1].rstrip() + "…"


def _locale(language: str) -> Locale:
    return Locale.parse(language, sep="-")

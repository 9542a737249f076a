"""The check of words at the door of a route: before its transaction, because somebody outside is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from flask import request

from app.audits.service import Actor
from app.http.callers import Caller
from app.http.limits import limiter, person_key
from app.ports import WordsScene
from app.wording.service import check_words

MOST = "30/minute"
MOST_CHARACTERS = 60_000
"""More than any of these routes takes: its own rules refuse it, so nobody is asked about it piece by piece."""


def words_pass(*fields: str, scene: WordsScene = "comment") -> Callable[[Caller], None]:
    """For ``@allow("candidate", before=words_pass("body"))``: these fields of the body, with all words inside them.

    Raises InvalidInput ``words_refused``.
    """

    def before(who: Caller) -> None:
        body = request.get_json(silent=True)
        words = (
            [word for field in fields for word in _words(body.get(field))] if isinstance(body, dict) else []
        )
        if not words or sum(map(len, words)) > MOST_CHARACTERS:
            return
        if not who.tenant_id or not who.invitation_id or not who.identity_id:
            return  # a browser without WeChat: nobody there to ask about
        with limiter.limit(MOST, key_func=person_key):
            check_words(
                Actor("candidate", who.subject),
                words,
                tenant_id=who.tenant_id,
                invitation_id=who.invitation_id,
                identity_id=who.identity_id,
                scene=scene,
            )

    return before


def _words(value: Any) -> Iterator[str]:
    """What somebody wrote in a field: itself, or the words beside the chosen keys of a form."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from (part for part in value.values() if isinstance(part, str))

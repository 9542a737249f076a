"""The company's own answers to frequent questions, edited on one form."""

from __future__ import annotations

from flask import Response, request
from pydantic import ValidationError

from app.core.catalogue import languages
from app.core.errors import InvalidInput
from app.faqs import service
from app.faqs.schemas import FaqIn
from app.http.actors import actor
from app.http.callers import STAFF, allow, caller
from app.pages.blueprint import blueprint, person, see
from app.pages.rendering import page_language, render_page

EDITORS = ("owner", "recruiter")
_MOST = 30
_EMPTY_ROWS = 2


@blueprint.get("/hr/faq")
@allow(*STAFF)
def show_faq() -> Response:
    """What candidates read, and the form to change the company's own part."""
    entries = service.entries()
    empty = min(_EMPTY_ROWS, _MOST - len(entries))
    return render_page(
        "faq.html",
        person=person(),
        entries=[*entries, *({"question": {}, "answer": {}} for _ in range(empty))],
        product=service.product_answers(page_language()),
        tongues=languages(),
        may_edit=caller().role in EDITORS,
        saved="saved" in request.args,
    )


@blueprint.post("/hr/faq")
@allow(*EDITORS)
def change_faq() -> Response:
    """Save the form: rows without any words are left out, the others must be whole."""
    rows = [_row(number) for number in range(_MOST)]
    try:
        given = FaqIn.model_validate({"entries": [row for row in rows if row["question"] or row["answer"]]})
    except ValidationError as error:
        raise InvalidInput("form_incomplete") from error
    service.replace_entries(actor(), [entry.model_dump() for entry in given.entries])
    return see("/hr/faq?saved=1")


def _row(number: int) -> dict[str, dict[str, str]]:
    """One row of the form, in the languages that were filled in."""
    return {
        part: {
            tongue: words
            for tongue in languages()
            if (words := request.form.get(f"{part}-{tongue}-{number}", "").strip())
        }
        for part in ("question", "answer")
    }

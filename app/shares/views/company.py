"""Shares as the company handles them."""

from __future__ import annotations

from collections.abc import Sequence

from apiflask import APIBlueprint

from app.core.catalogue import best_language, text
from app.core.database import current_tenant_id
from app.core.errors import Gone
from app.http.actors import actor
from app.http.callers import STAFF, allow, caller
from app.http.idempotency import idempotent
from app.http.pagination import PageQuery, fetch_page
from app.http.problems import language
from app.shares import service
from app.shares.models import Share
from app.shares.schemas import OpinionOut, OpinionsOut, ShareIn, ShareOut, SharePage
from tenants.keys import candidate_keys

blueprint = APIBlueprint("shares", __name__, url_prefix="/api/v1", tag="Shares")


@blueprint.post("/interviews/<interview_id>/shares")
@allow("owner", "recruiter")
@idempotent
@blueprint.input(ShareIn)
@blueprint.output(ShareOut, status_code=201)
def share_interview(interview_id: str, json_data: ShareIn) -> ShareOut:
    """Make a link that shows this interview to the owner of one phone, until it expires or is revoked."""
    return _shown(interview_id, [service.share(actor(), interview_id, **json_data.model_dump())])[0]


@blueprint.get("/interviews/<interview_id>/shares")
@allow("owner", "recruiter")
@blueprint.input(PageQuery, location="query")
@blueprint.output(SharePage)
def list_shares(interview_id: str, query_data: PageQuery) -> SharePage:
    """To whom an interview is and was shown, newest first."""
    rows, cursor = fetch_page(service.shares_of(interview_id), Share.id, query_data)
    return SharePage(items=_shown(interview_id, rows), next_cursor=cursor)


@blueprint.post("/shares/<share_id>/revoke")
@allow("owner", "recruiter")
@idempotent
@blueprint.output(ShareOut)
def revoke_share(share_id: str) -> ShareOut:
    """End a link and every session it opened, at once. What was answered stays."""
    made = service.revoke(actor(), share_id)
    return _shown(made.interview_id, [made])[0]


@blueprint.get("/interviews/<interview_id>/opinions")
@allow(*STAFF)
@blueprint.output(OpinionsOut)
def get_opinions(interview_id: str) -> OpinionsOut:
    """What those whom an interview was shared with think of it, as far as one may see it now."""
    opinions, hidden = service.read_opinions(caller().subject, interview_id)
    return OpinionsOut(
        interview_id=interview_id,
        opinions=[
            OpinionOut.model_validate({**vars(one), "recommendation_words": _words(one.recommendation)})
            for one in opinions
        ],
        hidden=hidden,
    )


def _words(recommendation: str) -> str:
    return text(best_language(language()), f"reviews.opinions.{recommendation}")


def _shown(interview_id: str, rows: Sequence[Share]) -> list[ShareOut]:
    """Shares of one interview; what was answered only to somebody who may read opinions now."""
    keys = candidate_keys(current_tenant_id(), sorted({row.candidate_id for row in rows})) if rows else {}
    if any(row.candidate_id not in keys for row in rows):
        raise Gone("candidate_erased")
    names = service.sharers_of(rows)
    readable = service.may_read_opinions(caller().subject, interview_id)
    shown = []
    for row in rows:
        key = keys[row.candidate_id]
        person = service.person_of(row, key)
        values = {name: getattr(row, name, None) for name in ShareOut.model_fields}
        values |= {
            "name": person.name,
            "masked_phone": person.masked_phone,
            "note": person.note,
            "status": service.status_of(row),
            "link": service.link_of(row),
            "mini_program_path": service.mini_program_path(row),
            "shared_by_name": names.get(row.created_by, ""),
            "recommendation": row.recommendation if readable else None,
            "recommendation_words": _words(row.recommendation) if row.recommendation and readable else None,
            "words": service.words_of(row, key) if readable else "",
        }
        shown.append(ShareOut.model_validate(values))
    return shown

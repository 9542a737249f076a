"""HR's page of one position: its rubric to be read, who is invited, and a form to invite somebody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Response, request
from pydantic import ValidationError

from app.candidates import service as candidates
from app.candidates.schemas import CandidateIn
from app.core import catalogue
from app.core.clock import utcnow
from app.core.database import current_tenant_id, db
from app.core.errors import DomainError
from app.http.actors import actor
from app.http.callers import STAFF, allow, caller
from app.http.limits import limiter, person_key
from app.http.pagination import PageQuery, fetch_page
from app.interviews.finding import interview_ids
from app.invitations import finding, service
from app.invitations.models import Invitation
from app.invitations.schemas import InvitationIn
from app.pages.blueprint import blueprint, person, see
from app.pages.people import MANAGERS
from app.pages.rendering import page_language, refusal_words, render_page, zone_name
from app.policies.service import get_policy
from app.positions.service import get_position, version_of
from app.scoring.rubric import Rubric
from tenants.keys import candidate_keys

FIELDS = ("name", "phone", "email", "window_starts_at", "window_ends_at", "materials")
USUAL_WINDOW = timedelta(days=3)


@dataclass(frozen=True)
class Invited:
    """One row of the list; times on the company's clock, while they still mean something to somebody."""

    id: str
    name: str | None
    masked_phone: str
    status: str
    slot_at: datetime | None
    ends_at: datetime | None
    reason: str | None
    link: str | None
    interview_id: str | None


def position_words(key: str, **params: Any) -> str:
    """Words of this page in the page's language."""
    return catalogue.text(page_language(), f"positions.{key}", **params)


@blueprint.get("/hr/positions/<position_id>")
@allow(*STAFF)
def show_position(position_id: str) -> Response:
    """What a position asks and looks for, and whom it invited; who recruits can invite somebody more."""
    return _page(position_id, _usual_fields())


@blueprint.post("/hr/positions/<position_id>/invitations")
@allow(*MANAGERS)
@limiter.limit("60/minute", key_func=person_key)
def invite_somebody(position_id: str) -> Response:
    """Invite one person; what is wrong is said beside its field or above the form, and everything entered stays."""
    position = get_position(position_id)
    fields = {name: request.form.get(name, "").strip() for name in FIELDS}
    whom, offer, wrong = _read(position.id, fields)
    if whom is None or offer is None:
        return _page(position_id, fields, wrong=wrong, status=422)
    try:
        with db.session.begin_nested():  # who cannot be invited is not added either
            candidate, _ = candidates.add_candidate(actor(), **whom.model_dump())
            invitation = service.invite(
                actor(), candidate_id=candidate.id, **offer.model_dump(exclude={"candidate_id"})
            )
    except DomainError as refusal:
        return _page(position_id, fields, refusal=refusal, status=refusal.status)
    return see(f"/hr/positions/{position_id}?invited={invitation.id}#invited")


def _page(
    position_id: str,
    fields: Mapping[str, str],
    *,
    wrong: Mapping[str, str] | None = None,
    refusal: DomainError | None = None,
    status: int = 200,
) -> Response:
    position, tongue = get_position(position_id), page_language()
    query = PageQuery(cursor=request.args.get("cursor"))
    rows, cursor = fetch_page(finding.invitations(position_id=position_id), Invitation.id, query)
    return render_page(
        "position.html",
        status,
        person=person(),
        p=position_words,
        d=lambda key, **params: catalogue.text(tongue, f"drafts.page.{key}", **params),
        position=position,
        rubric=Rubric.model_validate(version_of(position).rubric),
        tongue=tongue,
        may_invite=caller().role in MANAGERS,
        fields=fields,
        wrong=wrong or {},
        refusal=refusal_words(refusal) if refusal else None,
        invited=_listed(rows),
        new=request.args.get("invited"),
        next_url=f"/hr/positions/{position_id}?cursor={cursor}#invited" if cursor else None,
        zone=zone_name(get_policy().time_zone, tongue),
    )


def _listed(rows: list[Invitation]) -> list[Invited]:
    zone = ZoneInfo(get_policy().time_zone)
    profiles = candidates.profiles_by_id(row.candidate_id for row in rows)
    begun = interview_ids(row.id for row in rows)
    keys = candidate_keys(current_tenant_id(), list(profiles)) if profiles else {}
    shown = []
    for row in rows:
        profile, key = profiles.get(row.candidate_id), keys.get(row.candidate_id)
        is_open = profile is not None and row.status in finding.OPEN
        shown.append(
            Invited(
                id=row.id,
                name=profile.name if profile else None,
                masked_phone=profile.masked_phone if profile else "",
                status=row.status,
                slot_at=row.slot_at.astimezone(zone) if is_open and row.slot_at else None,
                ends_at=row.window_ends_at.astimezone(zone) if is_open else None,
                reason=service.closing_reason(row, key) if key else None,
                link=service.link_of(row) if is_open and caller().role in MANAGERS else None,
                interview_id=begun.get(row.id),
            )
        )
    return shown


def _usual_fields() -> dict[str, str]:
    """An empty form with a window that begins now."""
    now = utcnow().astimezone(ZoneInfo(get_policy().time_zone))
    times = {"window_starts_at": now, "window_ends_at": now + USUAL_WINDOW}
    return dict.fromkeys(FIELDS, "") | {name: f"{at:%Y-%m-%dT%H:%M}" for name, at in times.items()}


def _read(
    position_id: str, fields: Mapping[str, str]
) -> tuple[CandidateIn | None, InvitationIn | None, dict[str, str]]:
    """(whom, to what, what is wrong by field): the first two are None unless all of the form can be read."""
    person_fields = {name: fields[name] for name in ("name", "phone")} | {"email": fields["email"] or None}
    wrong: list[str] = []
    whom = offer = None
    try:
        whom = CandidateIn.model_validate(person_fields)
    except ValidationError as error:
        wrong += [str(one["loc"][0]) for one in error.errors()]
    times = {name: _moment(fields[name]) for name in ("window_starts_at", "window_ends_at")}
    try:
        offer = InvitationIn.model_validate(
            {
                "candidate_id": "of the form",
                "position_id": position_id,
                "materials": fields["materials"],
                **times,
            }
        )
    except ValidationError as error:
        wrong += [str(one["loc"][0]) for one in error.errors()]
    if wrong:
        return None, None, {name: position_words(f"wrong.{name}") for name in wrong if name in FIELDS}
    return whom, offer, {}


def _moment(words: str) -> datetime | None:
    """The company's clock as the browser's field writes it; None for anything else."""
    try:
        return datetime.strptime(words, "%Y-%m-%dT%H:%M").replace(tzinfo=ZoneInfo(get_policy().time_zone))
    except ValueError:
        return None

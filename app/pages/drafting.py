"""HR's pages of positions: the list, drafting one from a job description, editing and approving the draft."""

from __future__ import annotations

from typing import Any

from flask import Response, request
from sqlalchemy import select
from werkzeug.exceptions import RequestEntityTooLarge

from app.core import catalogue
from app.core.context import ports
from app.core.database import db
from app.core.errors import InvalidInput
from app.drafts import service
from app.drafts.documents import DraftLanguage, PositionDraft, Provenance
from app.drafts.library import families
from app.drafts.models import Draft
from app.drafts.showing import fallback_words, label
from app.http.actors import actor
from app.http.callers import STAFF, allow, caller, viewer
from app.http.limits import limiter, person_key
from app.http.pagination import PageQuery, fetch_page
from app.pages.blueprint import blueprint, person, see
from app.pages.draft_forms import DraftFields, balanced, fields_from, fields_of, rubric_from
from app.pages.rendering import page_language, render_page, render_problem, zone_name
from app.policies.service import get_policy
from app.positions.models import Position
from app.positions.visibility import visible_positions
from app.scoring.rubric import STAR_PARTS
from app.users.models import User

MAKERS = ("owner", "recruiter")
LIST = "/hr/positions"
_MOST_DRAFTS = 20


def draft_words(key: str, **params: Any) -> str:
    """Words of these pages in the page's language."""
    return catalogue.text(page_language(), f"drafts.page.{key}", **params)


@blueprint.get(LIST)
@allow(*STAFF)
def list_positions() -> Response:
    """Positions, newest first, and drafts that wait for a person."""
    query = PageQuery(cursor=request.args.get("cursor"))
    rows, cursor = fetch_page(
        select(Position).where(visible_positions(viewer(), Position.id)), Position.id, query
    )
    may_draft = caller().role in MAKERS
    waiting = service.waiting_drafts(_MOST_DRAFTS) if may_draft else []
    return render_page(
        "positions.html",
        person=person(),
        d=draft_words,
        rows=rows,
        drafts=waiting,
        may_draft=may_draft,
        made=request.args.get("made"),
        zone=zone_name(get_policy().time_zone, page_language()),
        next_url=f"{LIST}?cursor={cursor}" if cursor else None,
    )


@blueprint.get(f"{LIST}/new")
@allow(*MAKERS)
def new_position() -> Response:
    """Where a job description is pasted, or a template chosen."""
    return _new_page()


@blueprint.post(f"{LIST}/new")
@allow(*MAKERS)
@limiter.limit("30/minute", key_func=person_key)
def make_draft() -> Response:
    """Draft by rules at once, and go to the draft."""
    template = request.form.get("template")
    language: DraftLanguage = "en" if page_language() == "en" else "zh-CN"
    try:
        if template:
            draft = service.draft_from_family(actor(), template, language)
        else:
            draft = service.draft_from_description(
                actor(),
                request.form.get("text", "")[:200_000],
                title=request.form.get("title", "").strip()[:80] or None,
                language_model=bool(request.form.get("language_model")),
            )
    except InvalidInput as refusal:
        return _new_page(refusal)
    return see(f"/hr/drafts/{draft.id}")


@blueprint.get("/hr/drafts/<draft_id>")
@allow(*MAKERS)
def show_draft(draft_id: str) -> Response:
    """A draft to be edited and approved."""
    draft = service.get_draft(draft_id)
    return _draft_page(draft, fields_of(service.content_of(draft)))


@blueprint.post("/hr/drafts/<draft_id>")
@allow(*MAKERS)
def change_draft(draft_id: str) -> Response:
    """Keep, balance, approve or put away what the form says. What does not hold together is shown again, nothing lost."""
    action = request.form.get("action", "save")
    if action == "discard":
        service.discard_draft(actor(), draft_id)
        return see(LIST)
    if action == "rules":
        service.stop_waiting(actor(), draft_id)
        return see(f"/hr/drafts/{draft_id}")
    draft = service.get_draft(draft_id)
    content = service.content_of(draft)
    fields = fields_from(request.form, content)
    if action == "balance":
        balanced(fields)
    rubric = rubric_from(fields, content)
    if rubric is None:
        return _draft_page(draft, fields, 422)
    service.edit_draft(
        actor(), draft_id, title=fields.title, description=fields.description[:20_000], rubric=rubric
    )
    if action != "approve":
        return see(f"/hr/drafts/{draft_id}?saved=1")
    position = service.approve_draft(actor(), draft_id)
    return see(f"{LIST}?made={position.id}")


@blueprint.errorhandler(RequestEntityTooLarge)
def _too_large(_error: RequestEntityTooLarge) -> Response:
    return render_problem("body_too_large", 413)


def _new_page(refusal: InvalidInput | None = None) -> Response:
    shown = None
    if refusal is not None:
        shown = {
            part: catalogue.text(page_language(), f"errors.{refusal.code}.{part}", **refusal.params)
            for part in ("title", "detail", "next")
        }
    return render_page(
        "position_new.html",
        422 if refusal else 200,
        person=person(),
        d=draft_words,
        refusal=shown,
        text=request.form.get("text", ""),
        title=request.form.get("title", ""),
        templates=[(one.key, one.name[page_language()]) for one in families().values() if one.is_template],
        language_model=ports().language_model.is_configured,
    )


def _draft_page(draft: Draft, fields: DraftFields, status: int = 200) -> Response:
    content = service.content_of(draft)
    made = service.provenance_of(draft)
    tongue = page_language()
    return render_page(
        "draft.html",
        status,
        person=person(),
        d=draft_words,
        draft=draft,
        fields=fields,
        content=content,
        star_parts=STAR_PARTS,
        open=draft.status != "approved",
        writing=draft.status == "writing",
        saved=bool(request.args.get("saved")),
        label=label(made, draft.status, tongue),
        fallback=fallback_words(made, tongue),
        approved_by=_approver(draft),
        **_said(content, fields, made),
    )


def _said(content: PositionDraft, fields: DraftFields, made: Provenance) -> dict[str, Any]:
    tongue = page_language()
    return {
        "notes": [catalogue.text(tongue, f"drafts.notes.{note}") for note in content.notes],
        "problems": [draft_words(f"problems.{key}", **params) for key, params in fields.problems],
        "unbalanced": any(key in {"total", "weight"} for key, _ in fields.problems),
        "flags": [
            {
                "name": catalogue.text(tongue, f"drafts.flags.{flag.category}.name"),
                "why": catalogue.text(tongue, f"drafts.flags.{flag.category}.why"),
                "quote": flag.quote,
            }
            for flag in content.flags
        ],
        "still_there": made.edited,
    }


def _approver(draft: Draft) -> str | None:
    approver = db.session.get(User, draft.approved_by) if draft.approved_by else None
    return approver.name if approver else None

"""Routes of drafts and of pre-assessments."""

from __future__ import annotations

from apiflask import APIBlueprint
from pydantic import Field
from sqlalchemy import or_

from app.core.errors import NotFound
from app.drafts import preassessments, queries, service
from app.drafts.documents import Provenance
from app.drafts.library import families
from app.drafts.models import Draft, PreAssessmentRow
from app.drafts.schemas import (
    ApprovalOut,
    DraftEdit,
    DraftIn,
    DraftOut,
    DraftPage,
    DraftSummary,
    PreAssessmentIn,
    PreAssessmentOut,
    PreAssessmentPage,
    PreAssessmentSummary,
    QuestionsIn,
    RewordingIn,
    RewordingOut,
    TemplateList,
    TemplateOut,
)
from app.drafts.showing import label
from app.drafts.wording import plainer
from app.http.actors import actor
from app.http.callers import STAFF, allow, viewer
from app.http.idempotency import idempotent, idempotent_about, repeatable
from app.http.limits import limiter, person_key
from app.http.pagination import PageQuery, fetch_page
from app.http.problems import language
from app.positions.service import get_position
from app.positions.visibility import check_candidate, check_position, visible_positions
from app.resumes.service import readable_resume

blueprint = APIBlueprint("drafts", __name__, url_prefix="/api/v1/drafts", tag="Drafts")
preassessment_blueprint = APIBlueprint(
    "preassessments", __name__, url_prefix="/api/v1/preassessments", tag="Pre-assessments"
)
MAKERS = ("owner", "recruiter")


class PreAssessmentQuery(PageQuery):
    """Which pre-assessments."""

    candidate_id: str | None = Field(default=None, max_length=32)


@blueprint.post("")
@allow(*MAKERS)
@idempotent
@limiter.limit("30/minute", key_func=person_key)  # as on the pages: it reads a long text and may ask a model
@blueprint.input(DraftIn)
@blueprint.output(DraftOut, status_code=201)
def create_draft(json_data: DraftIn) -> DraftOut:
    """Draft a competency model and questions from a job description or a template; nothing is opened by it."""
    if json_data.template is not None:
        return _shown(service.draft_from_family(actor(), json_data.template, json_data.language))
    return _shown(
        service.draft_from_description(
            actor(), json_data.text or "", title=json_data.title, language_model=json_data.language_model
        )
    )


@blueprint.get("")
@allow(*MAKERS)
@blueprint.input(PageQuery, location="query")
@blueprint.output(DraftPage)
def list_drafts(query_data: PageQuery) -> DraftPage:
    """Drafts that were not discarded, newest first."""
    mine = queries.drafts().where(
        or_(Draft.position_id.is_(None), visible_positions(viewer(), Draft.position_id))
    )
    rows, cursor = fetch_page(mine, Draft.id, query_data)
    items = [DraftSummary.model_validate(row, from_attributes=True) for row in rows]
    return DraftPage(items=items, next_cursor=cursor)


@blueprint.get("/templates")
@allow(*STAFF)
@blueprint.output(TemplateList)
def list_templates() -> TemplateList:
    """Families of jobs whose usual draft can be used at once."""
    return TemplateList(
        items=[
            TemplateOut(key=family.key, name=family.name)
            for family in families().values()
            if family.is_template
        ]
    )


@blueprint.post("/rewordings")
@allow(*MAKERS)
@repeatable("It stores nothing: the same question gives the same words.")
@blueprint.input(RewordingIn)
@blueprint.output(RewordingOut)
def reword(json_data: RewordingIn) -> RewordingOut:
    """Say a question in plainer words, by rules."""
    made_by_rules = label(Provenance(), "ready", language())
    return RewordingOut(plainer_text=plainer(json_data.text, json_data.language), label=made_by_rules or "")


@blueprint.get("/<draft_id>")
@allow(*MAKERS)
@blueprint.output(DraftOut)
def get_draft(draft_id: str) -> DraftOut:
    """One draft, why each competency is in it, and what was flagged."""
    return _shown(queries.get_draft(draft_id))


@blueprint.put("/<draft_id>")
@allow(*MAKERS)
@blueprint.input(DraftEdit)
@blueprint.output(DraftOut)
def edit_draft(draft_id: str, json_data: DraftEdit) -> DraftOut:
    """Keep a person's edits."""
    return _shown(
        service.edit_draft(
            actor(),
            draft_id,
            title=json_data.title,
            description=json_data.description,
            rubric=json_data.rubric,
        )
    )


@blueprint.delete("/<draft_id>")
@allow(*MAKERS)
@blueprint.output({}, status_code=204)
def discard_draft(draft_id: str) -> str:
    """Put a draft away."""
    service.discard_draft(actor(), draft_id)
    return ""


@blueprint.post("/<draft_id>/approval")
@allow(*MAKERS)
@idempotent
@blueprint.output(ApprovalOut, status_code=201)
def approve_draft(draft_id: str) -> ApprovalOut:
    """Open the position, in the caller's own name."""
    position = service.approve_draft(actor(), draft_id)
    return ApprovalOut(draft_id=draft_id, position_id=position.id)


@preassessment_blueprint.post("")
@allow(*MAKERS)
@idempotent_about("candidate_id")
@limiter.limit("30/minute", key_func=person_key)
@preassessment_blueprint.input(PreAssessmentIn)
@preassessment_blueprint.output(PreAssessmentOut, status_code=201)
def create_preassessment(json_data: PreAssessmentIn) -> PreAssessmentOut:
    """Compare a résumé with a position and draft questions for this one person."""
    check_position(viewer(), json_data.position_id)
    check_candidate(viewer(), json_data.candidate_id)
    text = json_data.resume
    if text is None:
        given = readable_resume(json_data.candidate_id)
        if given is None:
            raise NotFound("resume_unknown")
        text = given.text
    row = preassessments.assess_resume(
        actor(),
        json_data.candidate_id,
        get_position(json_data.position_id),
        text,
        language=json_data.language,
        language_model=json_data.language_model,
    )
    return _assessed(row)


@preassessment_blueprint.get("")
@allow(*MAKERS)
@preassessment_blueprint.input(PreAssessmentQuery, location="query")
@preassessment_blueprint.output(PreAssessmentPage)
def list_preassessments(query_data: PreAssessmentQuery) -> PreAssessmentPage:
    """Pre-assessments, perhaps of one candidate, newest first."""
    statement = queries.preassessments(query_data.candidate_id).where(
        visible_positions(viewer(), PreAssessmentRow.position_id)
    )
    rows, cursor = fetch_page(statement, PreAssessmentRow.id, query_data)
    items = [PreAssessmentSummary.model_validate(row, from_attributes=True) for row in rows]
    return PreAssessmentPage(items=items, next_cursor=cursor)


@preassessment_blueprint.get("/<preassessment_id>")
@allow(*MAKERS, on_record=True)
@preassessment_blueprint.output(PreAssessmentOut)
def get_preassessment(preassessment_id: str) -> PreAssessmentOut:
    """One pre-assessment; it quotes the résumé, so the view is audited."""
    return _assessed(preassessments.read_preassessment(actor(), preassessment_id))


@preassessment_blueprint.post("/<preassessment_id>/approval")
@allow(*MAKERS)
@repeatable("A second approval is refused with preassessment_closed.")
@preassessment_blueprint.input(QuestionsIn)
@preassessment_blueprint.output(PreAssessmentOut)
def approve_preassessment(preassessment_id: str, json_data: QuestionsIn) -> PreAssessmentOut:
    """Confirm the questions, as edited, in the caller's own name."""
    return _assessed(preassessments.approve_preassessment(actor(), preassessment_id, json_data.questions))


def _shown(draft: Draft) -> DraftOut:
    provenance = service.provenance_of(draft)
    return DraftOut(
        id=draft.id,
        status=draft.status,
        draft=service.content_of(draft),
        provenance=provenance,
        label=label(provenance, draft.status, language()),
        position_id=draft.position_id,
        created_at=draft.created_at,
        approved_at=draft.approved_at,
    )


def _assessed(row: PreAssessmentRow) -> PreAssessmentOut:
    provenance = preassessments.provenance_of(row)
    return PreAssessmentOut(
        id=row.id,
        candidate_id=row.candidate_id,
        position_id=row.position_id,
        status=row.status,
        content=preassessments.content_of(row),
        provenance=provenance,
        label=label(provenance, row.status, language()),
        created_at=row.created_at,
        approved_at=row.approved_at,
    )

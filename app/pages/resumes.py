"""HR's pages of résumés: paste one beside an interview, read the pre-assessment, edit and confirm the questions."""

from __future__ import annotations

from flask import Response, request

from app.core.context import ports
from app.core.database import db
from app.core.errors import InvalidInput
from app.drafts import preassessments
from app.drafts.preassessments import newest_preassessment
from app.drafts.showing import fallback_words, label
from app.http.actors import actor
from app.http.callers import allow
from app.http.limits import limiter, person_key
from app.interviews.finding import get_interview
from app.pages.blueprint import blueprint, person, see
from app.pages.drafting import MAKERS, draft_words
from app.pages.rendering import page_language, refusal_words, render_page
from app.positions.models import Position
from app.positions.service import get_position
from app.reports.listing import one
from app.resumes import service
from app.users.models import User

_MOST_QUESTIONS = 12


@blueprint.get("/hr/interviews/<interview_id>/resume")
@allow(*MAKERS, on_record=True)
def show_resume_form(interview_id: str) -> Response:
    """Where a résumé is pasted; the newest pre-assessment of this person for this position, when there is one."""
    return _form(interview_id)


@blueprint.post("/hr/interviews/<interview_id>/resume")
@allow(*MAKERS)
@limiter.limit("30/minute", key_func=person_key)
def read_resume(interview_id: str) -> Response:
    """Compare it with the position by rules at once, and go to what was found."""
    interview = get_interview(interview_id)
    try:
        row = preassessments.assess_resume(
            actor(),
            interview.candidate_id,
            get_position(interview.position_id),
            request.form.get("resume", "")[:200_000],
            language="en" if page_language() == "en" else "zh-CN",
            language_model=bool(request.form.get("language_model")),
        )
    except InvalidInput as refusal:
        return _form(interview_id, refusal)
    return see(f"/hr/preassessments/{row.id}?interview={interview_id}")


@blueprint.post("/hr/interviews/<interview_id>/resume/file")
@allow(*MAKERS)
def fetch_resume_file(interview_id: str) -> Response:
    """Open the file that the candidate gave; that it was opened is recorded."""
    return see(service.open_file(actor(), get_interview(interview_id).candidate_id).url)


@blueprint.get("/hr/preassessments/<preassessment_id>")
@allow(*MAKERS, on_record=True)
def show_preassessment(preassessment_id: str) -> Response:
    """What the résumé says, what is open, and what to ask."""
    row = preassessments.read_preassessment(actor(), preassessment_id)
    made, tongue = preassessments.provenance_of(row), page_language()
    approver = db.session.get(User, row.approved_by) if row.approved_by else None
    return render_page(
        "preassessment.html",
        person=person(),
        d=draft_words,
        row=row,
        found=preassessments.content_of(row),
        position=db.session.get_one(Position, row.position_id).title,
        label=label(made, row.status, tongue),
        fallback=fallback_words(made, tongue),
        writing=row.status == "writing",
        approved_by=approver.name if approver else None,
        back=_back(),
    )


@blueprint.post("/hr/preassessments/<preassessment_id>")
@allow(*MAKERS)
def confirm_questions(preassessment_id: str) -> Response:
    """Confirm the questions, as edited, in one's own name."""
    texts = [request.form.get(f"question-{number}", "")[:600] for number in range(_MOST_QUESTIONS)]
    preassessments.approve_preassessment(actor(), preassessment_id, texts)
    return see(f"/hr/preassessments/{preassessment_id}?interview={_interview()}")


def _interview() -> str:
    given = request.values.get("interview", "")
    return given if given.isascii() and given.isalnum() and len(given) <= 32 else ""


def _back() -> str:
    return f"/hr/interviews/{_interview()}" if _interview() else "/hr/"


def _form(interview_id: str, refusal: InvalidInput | None = None) -> Response:
    interview = get_interview(interview_id)
    newest = newest_preassessment(interview.candidate_id, interview.position_id)
    given, file = (
        service.read_resume(actor(), interview.candidate_id),
        service.find_file(interview.candidate_id),
    )
    return render_page(
        "resume.html",
        422 if refusal else 200,
        person=person(),
        d=draft_words,
        row=one(interview_id),
        newest=newest,
        refusal=refusal_words(refusal) if refusal else None,
        resume=request.form.get("resume", given.text if given else ""),
        file=file,
        given_at=given.updated_at if given else None,
        language_model=preassessments.may_ask_model(),
        model_exists=ports().language_model.is_configured,
    )

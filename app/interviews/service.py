"""What a candidate does in an interview: consent, start, take, submit, finish."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.engine import CursorResult
from sqlalchemy.exc import IntegrityError

from app.alerts import service as alerts
from app.core.clock import utcnow
from app.core.database import current_tenant_id, db
from app.core.encryption import seal_json
from app.core.errors import Conflict, InvalidInput, NotFound
from app.core.ids import new_id
from app.core.work import cancel_work, schedule_work
from app.decisions.promises import promise_result
from app.interviews import queries
from app.interviews.errors import Incomplete
from app.interviews.helping import offered_media, reset_question
from app.interviews.models import Answer, Consent, Interview, Take
from app.interviews.queries import last_interview_at, latest_consents
from app.interviews.rules import check_arrival, check_replacing, check_window, is_elsewhere, takes_left
from app.invitations.consent import consent_text_version, modality_words, offered_modalities
from app.invitations.models import Invitation
from app.invitations.service import mark_finished, mark_started
from app.policies.service import get_policy, retention
from app.positions.models import Position
from app.positions.service import version_of
from app.recordings.service import COMPLETE, UPLOADING, leave_segments, place_segments, segments_of
from app.reports.service import request_score
from app.scoring.rubric import Question, Rubric
from tenants.keys import candidate_key

__all__ = ["last_interview_at", "latest_consents", "reset_question"]


def record_consent(
    invitation: Invitation, *, modality: str, granted: bool, text_version: str, language: str
) -> Consent:
    """Append one statement; the latest of a modality counts (C12).

    Agreeing needs the words now in use and a modality that the company asks for: InvalidInput ``consent_text_outdated``,
    ``modality_not_offered``. Withdrawing is always possible.
    """
    policy = get_policy()
    if granted and modality not in offered_modalities(policy):
        raise InvalidInput("modality_not_offered")
    if granted and text_version != consent_text_version(policy.face_weight_hundredths):
        raise InvalidInput("consent_text_outdated")
    consent = Consent(
        invitation_id=invitation.id,
        candidate_id=invitation.candidate_id,
        modality=modality,
        granted=granted,
        text_version=text_version,
        language=language,
        words=modality_words(policy, language, modality) if granted else None,
    )
    db.session.add(consent)
    db.session.flush()
    return consent


def require_recording_consent(invitation: Invitation) -> None:
    """Nothing is recorded before the candidate agrees to it. Raises Conflict ``consent_missing``."""
    if not latest_consents(invitation.id).get("recording", False):
        raise Conflict("consent_missing")


def start_interview(invitation: Invitation) -> Interview:
    """Begin, with the present version of the position; repeating it gives the same interview.

    Raises Conflict ``window_not_open`` | ``consent_missing``, Gone ``invitation_expired``.
    """
    found = queries.find_interview(invitation.id)
    if found is not None:
        return found
    check_window(invitation, None, None)
    require_recording_consent(invitation)
    position = db.session.get_one(Position, invitation.position_id)
    version = version_of(position)
    interview = Interview(
        invitation_id=invitation.id,
        application_id=invitation.application_id,
        candidate_id=invitation.candidate_id,
        position_id=position.id,
        position_version_id=version.id,
    )
    db.session.add(interview)
    try:
        db.session.flush()
    except IntegrityError as error:  # the same tap arrived twice
        raise Conflict("try_again") from error
    mark_started(invitation)
    for question in rubric_of(interview).questions:
        db.session.add(Answer(interview_id=interview.id, question_id=question.id))
    db.session.flush()
    schedule_work("erase_candidate", interview.candidate_id, utcnow() + retention())
    return interview


def forget_devices(candidate_id: str) -> None:
    """Of an erased candidate: a phone's or browser's name for itself is the same wherever it answers."""
    db.session.execute(
        update(Take)
        .where(Take.candidate_id == candidate_id)
        .values(device=None)
        .execution_options(synchronize_session="fetch")
    )


def rubric_of(interview: Interview) -> Rubric:
    """The rubric an interview started with."""
    return Rubric.model_validate(queries.get_version_of(interview).rubric)


def get_own_interview(invitation_id: str | None) -> Interview:
    """The interview of an invitation. Raises NotFound ``interview_not_started``."""
    interview = queries.find_interview(invitation_id)
    if interview is None:
        raise NotFound("interview_not_started")
    return interview


def create_take(
    invitation: Invitation,
    question_id: str,
    *,
    medium: str,
    text: str | None,
    begun_at: datetime | None = None,
    device: str | None = None,
    instead: bool = False,
) -> tuple[Interview, Take]:
    """A new attempt at an answer; an earlier one still being recorded on the same device is discarded.

    ``begun_at``, ``device`` and ``instead`` as in ``app.interviews.rules``. Raises NotFound ``question_unknown``,
    InvalidInput ``medium_not_allowed`` | ``text_missing`` | ``text_not_expected``, Conflict ``interview_finished`` |
    ``takes_used_up`` | ``answered_elsewhere`` | ``consent_missing``, Gone ``invitation_expired``.
    """
    interview = get_own_interview(invitation.id)
    question = _question(interview, question_id)
    answer = queries.answers_of(interview.id)[question_id]
    takes = queries.takes_of([answer.id])[answer.id]
    counts = _counts(answer, takes)
    check_window(invitation, begun_at, counts)
    require_recording_consent(invitation)
    media = offered_media(question, voice_allowed=invitation.voice_allowed)
    if medium not in media:
        raise InvalidInput("medium_not_allowed", media=", ".join(media))
    if (medium == "text") != (text is not None):
        raise InvalidInput("text_missing" if text is None else "text_not_expected")
    _check_open(interview, answer, takes)
    check_replacing(question, takes, counts, begun_at=begun_at, device=device, instead=instead)
    if takes_left(question, takes, segments_of([take.id for take in takes]), device) < 1:
        raise Conflict("takes_used_up", takes=question.retakes + 1)
    for earlier in takes:
        if earlier.status == "recording" and not is_elsewhere(earlier, device):
            _set_status(earlier, "recording", "discarded")
    return interview, _add_take(
        answer, invitation.candidate_id, len(takes) + 1, medium, text=text, device=device
    )


def _counts(answer: Answer, takes: list[Take]) -> Take | None:
    return next((take for take in takes if take.id == answer.take_id), None)


def submit_take(
    invitation: Invitation,
    take: Take,
    starts: dict[int, int] | None,
    left_page: list[tuple[int, int]] | None = None,
    *,
    instead: bool = False,
) -> Take:
    """Hand in a take as the answer; repeating it changes nothing.

    ``starts`` maps the segment numbers the take consists of to their place on its timeline (ms); unfinished uploads it
    leaves out are given up. None: all segments as they were declared. ``left_page``: when the client was out of sight
    (start and end in ms) while it recorded, None when it does not say; not kept of written answers. ``instead`` as for
    ``create_take``. What was begun in time is taken in after the window's end.

    Raises Incomplete ``upload_incomplete``, Conflict ``take_closed`` | ``interview_finished`` | ``answered_elsewhere`` |
    ``takes_used_up``, Gone ``invitation_expired``.
    """
    if take.status in {"submitted", "analysed", "unusable"}:
        return take
    if take.status != "recording":
        raise Conflict("take_closed")
    check_arrival(invitation)
    interview = db.session.get_one(Interview, take.interview_id)
    answer = db.session.get_one(Answer, take.answer_id)
    takes, question = queries.takes_of([answer.id])[answer.id], _question(interview, answer.question_id)
    _check_open(interview, answer, takes)
    counts = _counts(answer, takes)
    check_replacing(question, takes, counts, begun_at=take.created_at, device=take.device, instead=instead)
    if take.medium != "text":
        _check_segments(take, starts)
    if not _set_status(take, "recording", "submitted", submitted_at=utcnow()):
        raise Conflict("try_again")
    if left_page is not None and take.medium != "text":  # what is agreed to is being recorded: writing is not
        key = candidate_key(current_tenant_id(), take.candidate_id)
        take.left_page = seal_json(key, _joined(left_page), f"take:{take.id}:left_page")
    _replace(answer, take)
    if question.warm_up:
        _set_status(take, "submitted", "analysed")  # nobody's machine looks at it
    else:
        schedule_work("analyse_take", take.id)
    return take


def _joined(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """In time order, those that touch as one."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def finish_interview(invitation: Invitation) -> Interview:
    """All answers are in; repeating it changes nothing.

    Raises Incomplete ``answers_missing``, NotFound ``interview_not_started``.
    """
    interview = get_own_interview(invitation.id)
    if interview.status != "in_progress":
        return interview
    answers = queries.answers_of(interview.id)
    missing = [q.id for q in rubric_of(interview).asked if answers[q.id].take_id is None]
    if missing:
        raise Incomplete("answers_missing", missing)
    interview.status, interview.finished_at = "finished", utcnow()
    promise_result(interview)
    alerts.interview_finished(interview)
    request_score(interview.id)
    mark_finished(invitation)  # last: it may write to the audit log
    return interview


def _check_open(interview: Interview, answer: Answer, takes: list[Take]) -> None:
    """After the finish only an answer whose take turned out unusable may be recorded again."""
    if interview.status == "in_progress":
        return
    unusable = any(take.id == answer.take_id and take.status == "unusable" for take in takes)
    if interview.status == "decided" or not unusable:
        raise Conflict("interview_finished")


def _question(interview: Interview, question_id: str) -> Question:
    for question in rubric_of(interview).questions:
        if question.id == question_id:
            return question
    raise NotFound("question_unknown")


def _add_take(
    answer: Answer, candidate_id: str, number: int, medium: str, *, text: str | None, device: str | None
) -> Take:
    take_id, sealed = new_id(), None
    if text is not None:
        key = candidate_key(current_tenant_id(), candidate_id)
        sealed = seal_json(key, text, f"take:{take_id}:written_text")
    take = Take(
        id=take_id,
        answer_id=answer.id,
        interview_id=answer.interview_id,
        candidate_id=candidate_id,
        number=number,
        medium=medium,
        written_text=sealed,
        device=device,
    )
    db.session.add(take)
    try:
        db.session.flush()
    except IntegrityError as error:  # two takes of one answer at the same moment
        raise Conflict("try_again") from error
    return take


def _check_segments(take: Take, starts: dict[int, int] | None) -> None:
    """Every segment that belongs to the take is complete; what the candidate left out is given up."""
    segments = [s for s in segments_of([take.id])[take.id] if s.status in {COMPLETE, UPLOADING}]
    complete = {segment.number for segment in segments if segment.status == COMPLETE}
    wanted = set(starts) if starts is not None else {segment.number for segment in segments}
    if not wanted or not wanted <= complete:
        raise Incomplete("upload_incomplete", sorted(wanted - complete))
    if starts is not None:
        place_segments(take.id, starts)
        leave_segments(segment.id for segment in segments if segment.status == UPLOADING)


def _replace(answer: Answer, take: Take) -> None:
    """The new take counts; the one before it needs no analysis any more."""
    if answer.take_id is not None and answer.take_id != take.id:
        earlier = db.session.get_one(Take, answer.take_id)
        if _set_status(earlier, "submitted", "discarded"):
            cancel_work("analyse_take", earlier.id)
        elif earlier.status == "analysed":
            _set_status(earlier, "analysed", "discarded")
    answer.take_id, answer.submitted_at = take.id, take.submitted_at
    db.session.flush()


def _set_status(take: Take, before: str, after: str, **values: object) -> bool:
    """Move a take on unless another request or worker already did."""
    result = db.session.execute(
        update(Take)
        .where(Take.id == take.id, Take.status == before)
        .values(status=after, **values)
        .execution_options(synchronize_session=False)
    )
    assert isinstance(result, CursorResult)
    db.session.refresh(take)
    return result.rowcount == 1

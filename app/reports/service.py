"""Scores of interviews: asked for, computed from stored signals, kept with their receipt (R1, R4).

Whoever changes what a score rests on locks the interview's row before looking, so that of two takes concluded at the
same moment the second sees the first, and a score never misses a take that was concluded while it was computed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from app.alerts import service as alerts
from app.analyses.service import is_erased, results_of_takes, written_text
from app.audits.service import SYSTEM, record
from app.core.clock import utcnow
from app.core.database import current_tenant_id, db
from app.core.encryption import seal_json, unseal_json
from app.core.errors import Conflict
from app.core.ids import new_id
from app.core.version import VERSION
from app.core.work import schedule_work
from app.interviews.finding import consents_of, lock_interview
from app.interviews.models import Interview
from app.invitations.consent import consent_text_version
from app.policies.service import get_policy
from app.recordings.service import COMPLETE, segments_of
from app.reports import queries
from app.reports.models import ScoreRow
from app.reports.queries import Progress
from app.reports.render import WarmUp
from app.scoring.answers import AnswerSignals
from app.scoring.comparison import compare
from app.scoring.documents import Score
from app.scoring.policy import ScoringPolicy
from app.scoring.receipt import Receipt, make_receipt
from app.scoring.rubric import Medium, Rubric
from app.scoring.score import score_interview
from tenants.keys import candidate_key

NEWEST_COMPARED = 500
"""Averages look at this many newest interviews of the position: the bar as it is now, at a bounded cost."""


@dataclass(frozen=True)
class Scored:
    """A stored score with everything it was made from."""

    row: ScoreRow
    score: Score
    receipt: Receipt
    rubric: Rubric
    answers: list[AnswerSignals]


def request_score(interview_id: str) -> bool:
    """Ask for the score once the interview is finished and every answer is analysed or unusable.

    Call it in the transaction that finished the interview or concluded a take. True when scoring was asked for. A decided
    interview keeps the score that the person saw.
    """
    db.session.flush()
    interview = lock_interview(interview_id)
    if not _is_ready(interview) or interview.status == "decided":
        return False
    schedule_work("score_interview", interview_id)
    return True


def record_score(interview_id: str) -> ScoreRow | None:
    """Compute and store the score, replacing an earlier one by the same rubric and algorithm.

    None when a newer take is still to be analysed (its conclusion asks again), a person has decided meanwhile, or the
    candidate's data was erased.
    """
    interview = lock_interview(interview_id)
    if not _is_ready(interview) or interview.status == "decided" or is_erased(interview.candidate_id):
        return None
    rubric, answers = rubric_of(interview), answers_of(interview)
    policy = scoring_policy(interview)
    score = score_interview(rubric, answers, policy)
    hashes = recording_hashes(answers)
    receipt = make_receipt(score, rubric, answers, policy, recordings=hashes, code_version=VERSION)
    row = _keep(interview, score, receipt)
    interview.status, interview.scored_at = "scored", utcnow()
    average = compare(queries.newest_points(row, NEWEST_COMPARED)).total
    alerts.interview_scored(interview, row.total, average.hundredths if average else None)
    record(SYSTEM, "interview.scored", "interview", interview.id, receipt=receipt.score_sha256)
    return row


def scoring_policy(interview: Interview) -> ScoringPolicy:
    """The company's policy for a score made now.

    The face counts only for a candidate whose latest word on it agreed to a text that states this very weight.
    """
    policy = get_policy()
    weight = policy.face_weight_hundredths
    stated = [c for c in consents_of(interview.invitation_id) if c.modality == "face"]
    if not weight or not stated or not stated[-1].granted:
        return ScoringPolicy()
    if stated[-1].text_version != consent_text_version(weight):
        return ScoringPolicy()
    return ScoringPolicy(face_weight_hundredths=weight, face_reason=policy.face_reason)


def answers_of(interview: Interview) -> list[AnswerSignals]:
    """Every answer of an interview with what was measured in it, without a warm-up. Raises Gone ``candidate_erased``."""
    warm_up = rubric_of(interview).warm_up
    pairs = [
        (answer, take)
        for answer, take in queries.answers_with_takes(interview.id)
        if warm_up is None or answer.question_id != warm_up.id
    ]
    results = results_of_takes([take for _, take in pairs])
    return [
        AnswerSignals(
            answer_id=answer.id,
            take_id=take.id,
            question_id=answer.question_id,
            medium=cast(Medium, take.medium),
            modalities=results[take.id],
            written_text=written_text(take),
        )
        for answer, take in pairs
    ]


def warm_up_of(interview: Interview) -> WarmUp | None:
    """How the icebreaker was answered, if there was one and it was. Raises Gone ``candidate_erased``."""
    question = rubric_of(interview).warm_up
    for answer, take in queries.answers_with_takes(interview.id) if question else ():
        if question is not None and answer.question_id == question.id:
            return WarmUp(take.id, question.text, cast(Medium, take.medium), written_text(take))
    return None


def rubric_of(interview: Interview) -> Rubric:
    """The rubric an interview started with."""
    return Rubric.model_validate(queries.get_rubric_version(interview).rubric)


def progress(interview_id: str) -> Progress:
    """What stands between an interview and its score."""
    return queries.progress_of(interview_id)


def recording_hashes(answers: list[AnswerSignals]) -> dict[str, list[str]]:
    """SHA-256 of the plaintext of each complete segment, in order, by take; written answers have none."""
    segments = segments_of([answer.take_id for answer in answers if answer.medium != "text"])
    return {
        take_id: [segment.sha256 or "" for segment in found if segment.status == COMPLETE]
        for take_id, found in segments.items()
    }


def get_receipt(interview: Interview) -> Receipt:
    """The receipt of an interview's score. Raises Conflict ``report_not_ready``."""
    return Receipt.model_validate(_get_row(interview).receipt)


def get_scored(interview: Interview) -> Scored:
    """The score of an interview.

    Raises Conflict ``report_not_ready`` saying what is pending, ``decided_without_score`` when nothing is.
    """
    row = _get_row(interview)
    return Scored(
        row=row,
        score=open_score(row, interview.candidate_id),
        receipt=Receipt.model_validate(row.receipt),
        rubric=rubric_of(interview),
        answers=answers_of(interview),
    )


def open_score(row: ScoreRow, candidate_id: str) -> Score:
    """The score inside a row. Raises Gone ``candidate_erased``."""
    key = candidate_key(current_tenant_id(), candidate_id)
    return Score.model_validate(unseal_json(key, row.document, score_context(row.id)))


def score_context(score_id: str) -> str:
    """What a score's document is sealed for."""
    return f"score:{score_id}:document"


def _get_row(interview: Interview) -> ScoreRow:
    row = queries.find_score(interview)
    if row is None and interview.status == "decided":
        raise Conflict("decided_without_score")
    if row is None:
        progress = queries.progress_of(interview.id)
        raise Conflict("report_not_ready", unsubmitted=progress.unsubmitted, analysing=progress.analysing)
    return row


def _is_ready(interview: Interview) -> bool:
    return interview.finished_at is not None and queries.progress_of(interview.id).analysing == 0


def _keep(interview: Interview, score: Score, receipt: Receipt) -> ScoreRow:
    algorithm = f"{score.algorithm}/{score.algorithm_version}"
    row = queries.find_score(interview)
    if row is None or row.algorithm != algorithm:
        row = ScoreRow(
            id=new_id(),
            interview_id=interview.id,
            position_version_id=interview.position_version_id,
            algorithm=algorithm,
        )
        db.session.add(row)
    key = candidate_key(current_tenant_id(), interview.candidate_id)
    row.document = seal_json(key, score.model_dump(mode="json"), score_context(row.id))
    row.total, row.receipt = score.total_hundredths, receipt.model_dump(mode="json")
    row.points = {scored.competency: scored.points_hundredths for scored in score.competencies}
    row.created_at = utcnow()
    db.session.flush()
    return row

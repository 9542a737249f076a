"""One interview scored by another version of its position: pure scoring of what is stored, and nothing is stored."""

from __future__ import annotations

from app.audits.service import Actor, record
from app.interviews.finding import get_interview
from app.reports import queries
from app.reports.render import VersionReport, build_version_report
from app.reports.service import get_scored
from app.scoring.diff import diff_scores
from app.scoring.rubric import Rubric
from app.scoring.score import score_interview


def score_by_version(viewer: Actor, interview_id: str, number: int, language: str) -> VersionReport:
    """What the interview's score would be by version ``number`` of its position, and by which rules; audited.

    The policy is the stored score's own. Raises Conflict ``report_not_ready`` | ``decided_without_score``, NotFound
    ``interview_unknown`` | ``version_unknown``.
    """
    interview = get_interview(interview_id)
    scored = get_scored(interview)
    other = queries.get_version(interview, number)
    rubric = Rubric.model_validate(other.rubric)
    now = score_interview(rubric, scored.answers, scored.score.policy)
    record(viewer, "score.compared", "interview", interview.id, version=number)
    return build_version_report(
        diff_scores(scored.score, now),
        (scored.rubric, rubric),
        (queries.get_rubric_version(interview).number, number),
        interview_id=interview.id,
        language=language,
    )

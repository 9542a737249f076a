"""What the reader must know before the numbers, and how a score is made, in short."""

from __future__ import annotations

from collections.abc import Sequence

from app.core.catalogue import text
from app.reports.render.competencies import percent
from app.reports.render.documents import Audience, Notice
from app.scoring.answers import AnswerSignals
from app.scoring.content import ENOUGH_CONNECTIVES, ENOUGH_DETAILS, MAX_VAGUE_HUNDREDTHS, content_room
from app.scoring.delivery import MAX_DELIVERY_HUNDREDTHS
from app.scoring.documents import Score
from app.scoring.policy import ScoringPolicy
from app.scoring.rubric import WHOLE_BASIS_POINTS, Rubric
from app.scoring.score import BASELINE_HUNDREDTHS, content_most
from app.scoring.sentences import format_points


def notices(
    score: Score,
    answers: Sequence[AnswerSignals],
    language: str,
    audience: Audience,
    *,
    recording_withdrawn: bool = False,
) -> list[Notice]:
    """Who made the report, with what, and what limits its numbers."""
    found = [Notice(kind="ai", text=text(language, f"report.notices.ai_{audience}"))]
    speeches = [speech for answer in answers if (speech := answer.speech()) is not None]
    if recording_withdrawn:
        words = text(language, "report.notices.recording_withdrawn")
        found.append(Notice(kind="recording_withdrawn", text=words))
    if any(speech.sample_model for speech in speeches):
        found.append(Notice(kind="sample", text=text(language, "analysis.sample_model_notice")))
    share = percent(score.abstained_weight)
    rest = percent(WHOLE_BASIS_POINTS - score.abstained_weight)
    if score.status == "partial":
        found.append(
            Notice(kind="partial", text=text(language, "report.notices.partial", share=share, rest=rest))
        )
    if score.status == "abstained":
        key = "nothing" if score.abstained_weight == WHOLE_BASIS_POINTS else "abstained"
        found.append(Notice(kind="abstained", text=text(language, f"report.notices.{key}", share=share)))
    if score.policy.face_weight_hundredths:
        params = _face(score.policy)
        found.append(Notice(kind="face", text=text(language, "report.notices.face", **params)))
    return found


def explanation(score: Score, rubric: Rubric, language: str) -> list[str]:
    """How this score was made, for somebody who never saw the rules."""
    names = [c.name_in(language) for c in rubric.competencies if c.communication]
    most = format_points(MAX_DELIVERY_HUNDREDTHS)
    listed = text(language, "scoring.list_separator").join(names)
    lines = [
        ("baseline", {"baseline": format_points(BASELINE_HUNDREDTHS)}),
        ("content", {"vague": format_points(MAX_VAGUE_HUNDREDTHS)}),
        *(("most", params) for params in _most(rubric, language)),
        ("pooled", {}),
        ("delivery", {"names": listed, "most": most}) if names else ("no_delivery", {}),
        ("face", _face(score.policy)) if score.policy.face_weight_hundredths else ("no_face", {}),
        ("total", {}),
        ("abstains", {}),
        ("person", {}),
    ]
    return [text(language, f"report.explanation.{key}", **params) for key, params in lines]


def _most(rubric: Rubric, language: str) -> list[dict[str, str]]:
    """What each rule can bring at most, said once for all competencies in which it is the same."""
    alike: dict[tuple[tuple[str, int], ...], list[str]] = {}
    for competency in rubric.competencies:
        room = content_room(competency, content_most(competency))
        alike.setdefault(tuple(room.items()), []).append(competency.name_in(language))
    separator = text(language, "scoring.list_separator")
    enough = {"specificity": ENOUGH_DETAILS, "structure": ENOUGH_CONNECTIVES}
    return [
        {
            "names": separator.join(names),
            "whole": format_points(sum(points for _, points in room)),
            "parts": text(language, "report.explanation.between_parts").join(
                text(
                    language,
                    f"report.explanation.parts.{part}",
                    points=format_points(points),
                    **({"enough": str(enough[part])} if part in enough else {}),
                )
                for part, points in room
            ),
        }
        for room, names in alike.items()
    ]


def _face(policy: ScoringPolicy) -> dict[str, str]:
    return {"most": format_points(policy.face_weight_hundredths), "reason": str(policy.face_reason)}

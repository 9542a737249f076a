"""The motives that the answers speak of, with their passages: a description for HR, never scored (E6)."""

from __future__ import annotations

from collections.abc import Sequence

from app.core.catalogue import text
from app.reports.render.documents import Tendency
from app.scoring.answers import AnswerSignals, Transcript, read_transcript
from app.scoring.documents import Evidence
from app.scoring.reader import Reader
from app.scoring.rubric import Rubric
from app.scoring.text.motivation import MOTIVES, Motive, find_motives


def tendencies(rubric: Rubric, answers: Sequence[AnswerSignals], language: str) -> list[Tendency]:
    """Motives by how often they are spoken of, those nobody spoke of left out; the order of answers changes nothing.

    What was recited or only listed is nobody's motive: answers are read as scoring reads them.
    """
    reader = Reader(rubric)
    order = {question.id: number for number, question in enumerate(rubric.questions)}
    known = [answer for answer in answers if answer.question_id in order]
    places: dict[Motive, list[Evidence]] = {motive: [] for motive in MOTIVES}
    for answer in sorted(known, key=lambda a: (order[a.question_id], a.answer_id)):
        transcript = read_transcript(answer)
        if isinstance(transcript, Transcript):
            hits = find_motives(reader.read(transcript))
            for motive in MOTIVES:
                places[motive] += [
                    transcript.evidence(hit.start, hit.end) for hit in hits if hit.key == motive
                ]
    spoken_of = sorted((motive for motive in MOTIVES if places[motive]), key=lambda m: -len(places[m]))
    return [
        Tendency(
            label=text(language, f"report.motives.{motive}"),
            count=text(language, "report.units.passages", value=len(places[motive])),
            evidence=places[motive],
        )
        for motive in spoken_of
    ]

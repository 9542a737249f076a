"""The answers of one interview, each read once by the words of its rubric."""

from __future__ import annotations

from app.scoring.answers import Transcript
from app.scoring.rubric import Rubric
from app.scoring.text.lexicon import Lexicon
from app.scoring.text.passages import fold
from app.scoring.text.reading import Reading, read
from app.scoring.text.recited import Recital
from app.scoring.text.scope import is_hypothetical


class Reader:
    """Reads transcripts by a rubric: its own words said back to it, and bare lists of its keywords, are left out."""

    def __init__(self, rubric: Rubric) -> None:
        self._recital = Recital(rubric)
        self._listing = Lexicon(
            keyword for competency in rubric.competencies for keyword in competency.keywords
        )
        self._situational = {q.id for q in rubric.questions if is_hypothetical(fold(q.text))}
        self._readings: dict[tuple[str, str, str], Reading] = {}

    def read(self, transcript: Transcript) -> Reading:
        """The transcript's reading. Suppositions count as answers to a question that asks for them."""
        answer = transcript.answer
        key = (answer.answer_id, answer.take_id, transcript.text)
        if key not in self._readings:
            self._readings[key] = read(
                transcript.text,
                words=transcript.words,
                recital=self._recital,
                listing=self._listing,
                situational=answer.question_id in self._situational,
            )
        return self._readings[key]

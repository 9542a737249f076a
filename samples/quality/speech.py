"""Character error rate of the transcripts of the sample recordings."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from app.core.signals import SpeechSignals
from app.ports import TakeAnalyser
from samples.quality.interviews import RECORDINGS, SPLICED, analysed, splice, spliced_text, truth


@dataclass(frozen=True)
class Heard:
    """One recording: characters said, how many of them were misheard, lost or made up, and what became of it."""

    name: str
    said: int
    errors: int
    confidence: float | None
    outcome: str

    @property
    def error_rate(self) -> float:
        """Errors per character said."""
        return self.errors / self.said


def measure_speech(analyser: TakeAnalyser, folder: Path) -> list[Heard]:
    """Every sample recording whose words are known, and fresh concatenations of their sentences."""
    known = [path for path in sorted(RECORDINGS.glob("*.m[4p][4a]")) if path.with_suffix(".json").exists()]
    said = {path: str(truth(path.name)["text"]) for path in known if truth(path.name)["text"]}
    said |= {splice(name, folder): spliced_text(name) for name in SPLICED}
    found = []
    for path, text in said.items():
        result = analysed(analyser, path, "")["speech"]
        speech = result.document()
        assert isinstance(speech, SpeechSignals)
        found.append(
            Heard(
                name=path.name,
                said=len(spoken(text)),
                errors=edits(spoken(text), spoken(speech.text)),
                confidence=speech.mean_confidence,
                outcome=result.status if result.reason is None else f"{result.status}: {result.reason}",
            )
        )
    return found


def spoken(text: str) -> str:
    """Letters, digits and characters alone, small: what a character error rate counts."""
    return re.sub(r"[\W_]", "", text).casefold()


def edits(said: Sequence[str], heard: Sequence[str]) -> int:
    """Fewest insertions, deletions and substitutions between two sequences (Levenshtein 1966)."""
    row = list(range(len(heard) + 1))
    for i, one in enumerate(said, 1):
        diagonal, row[0] = row[0], i
        for j, other in enumerate(heard, 1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (one != other))
    return row[-1]

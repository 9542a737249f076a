"""One recording of the corpus, and what has to become of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

Parts = list[tuple[int, bytes]]
"""The take's segments: where each starts by the client's clock (ms), and its bytes."""

State = tuple[str, str | None]


@dataclass(frozen=True)
class Case:
    """A take. All reasons are those of catalogue/*/analysis.json.

    ``unusable``: why nothing of it can be used, and nothing else is expected then. Otherwise ``media``: what a person
    is told though it can be used; ``unheard``: why speech, and all that rests on it, abstains; ``unseen``: why faces
    say nothing. ``max_seconds`` is the question's limit. ``quick`` ones are tried in every test run.
    """

    name: str
    about: str
    make: Callable[[], bytes | Parts]
    unusable: str | None = None
    media: str | None = None
    unheard: str | None = None
    unseen: str | None = None
    max_seconds: int | None = None
    quick: bool = False

    def parts(self) -> Parts:
        """The segments, freshly made."""
        made = self.make()
        return [(0, made)] if isinstance(made, bytes) else made

    @property
    def take(self) -> tuple[str, str | None]:
        """The end state of the take: ``unusable`` may be recorded again, ``analysed`` goes to scoring and people."""
        return ("unusable", self.unusable) if self.unusable else ("analysed", None)

    def expected(self) -> dict[str, State]:
        """Status and reason of every modality when all are wanted."""
        if self.unusable:
            return {"media": ("failed", self.unusable)}
        heard: State = ("abstained", self.unheard) if self.unheard else ("done", None)
        seen = "done" if self.unseen in {None, "no_face"} else "skipped"
        senses = dict.fromkeys(("speech", "delivery", "text"), heard)
        return {"media": ("done", self.media), **senses, "face": (seen, self.unseen)}

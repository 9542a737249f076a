"""Scoring an interview again from what is stored, and comparing byte for byte (R4)."""

from __future__ import annotations

from app.core.catalogue import text
from app.interviews.models import Interview
from app.reports.service import get_scored, recording_hashes
from app.scoring.receipt import Replay, replay


def replay_interview(interview: Interview) -> Replay:
    """Score again from the stored signals and compare with the receipt, the recordings' hashes included.

    Besides those of ``app.scoring.receipt.replay``, a difference may be ``recordings:<take>``. Raises Conflict
    ``report_not_ready``.
    """
    scored = get_scored(interview)
    again = replay(scored.receipt, scored.rubric, scored.answers, scored.score.policy)
    now = recording_hashes(scored.answers)
    then = {recording.take_id: recording.sha256 for recording in scored.receipt.recordings}
    changed = sorted(
        f"recordings:{take}" for take in then.keys() | now.keys() if then.get(take) != now.get(take)
    )
    differences = [*again.differences, *changed]
    return again.model_copy(update={"identical": not differences, "differences": differences})


def difference_words(difference: str, language: str) -> str:
    """A difference in words: ``signals:<answer>:<modality>`` as what it is and which answer it concerns."""
    kind, _, rest = difference.partition(":")
    what, _, modality = rest.partition(":")
    name = text(language, f"analysis.modalities.{modality}") if modality not in ("", "answer") else ""
    return text(language, f"replays.{kind}", what=what, modality=name or "-")

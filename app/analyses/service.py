"""What the senses measured: stored as it comes, one row per modality, sealed with the candidate's key."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import cast

from app.analyses import queries
from app.analyses.hotwords import hotwords_of
from app.analyses.models import Analysis
from app.core.database import current_tenant_id, db
from app.core.encryption import seal_json, unseal_json
from app.core.ids import new_id
from app.core.signals import Engine, Modality, ModalityResult, Span
from app.interviews.models import Take
from app.policies.service import get_policy
from app.scoring.rubric import Medium, Rubric
from tenants.keys import candidate_key, candidate_keys

_HEARD = frozenset({"speech", "delivery", "text"})
_NOBODY = Engine(name="none", version="0")
_RECORD_AGAIN = frozenset(
    {"not_a_recording", "no_audio", "silent", "too_short", "too_long", "decoder_crashed", "empty_answer"}
)
"""Reasons for which the recording itself, not our machine, cannot be used: the candidate may answer again."""


@dataclass(frozen=True)
class TakeBrief:
    """What an analysis of a submitted take needs to know, detached from any session.

    ``refused`` are the modalities that the candidate's consent leaves out.
    """

    take_id: str
    interview_id: str
    medium: Medium
    question_text: str
    max_seconds: int | None
    written_text: str | None
    wanted: frozenset[Modality]
    refused: frozenset[Modality]
    stored: frozenset[str]
    left_page: tuple[Span, ...] | None = None
    hotwords: tuple[str, ...] = ()


def wanted_modalities(
    consents: Mapping[str, bool], *, medium: str, faces_allowed: bool
) -> frozenset[Modality]:
    """Which senses may look at a take (C12).

    What the recording is, always; what is heard only with consent to recording and voice, except that a written answer
    has neither; faces only in a video, with both consents and where the policy allows facts. Integrity facts take of
    each sense only what is wanted of it anyway, and need the consent to recording for the rest. Consents may have been
    withdrawn since the answer was recorded.
    """
    wanted: set[Modality] = {"media"}
    recorded = consents.get("recording", False)
    if medium == "text" or (recorded and consents.get("voice", False)):
        wanted |= cast(set[Modality], _HEARD)
    if medium == "text" or recorded:
        wanted.add("integrity")
    if medium == "video" and faces_allowed and recorded and consents.get("face", False):
        wanted.add("face")
    return frozenset(wanted)


def brief_of(take_id: str, consents_of: Callable[[str], Mapping[str, bool]]) -> TakeBrief | None:
    """What to analyse; None when the take is not waiting for it (discarded, done by another worker, or erased).

    ``consents_of`` gives the latest consents of an invitation by modality.
    """
    take = queries.find_take(take_id)
    if take is None or take.status != "submitted" or is_erased(take.candidate_id):
        return None
    asked = queries.asked(take)
    rubric = Rubric.model_validate(asked.rubric)
    question = next((one for one in rubric.questions if one.id == asked.question_id), None)
    wanted = wanted_modalities(
        consents_of(asked.invitation_id),
        medium=take.medium,
        faces_allowed=get_policy().face_analysis == "facts",
    )
    return TakeBrief(
        take_id=take.id,
        interview_id=take.interview_id,
        medium=cast(Medium, take.medium),
        question_text=question.text if question else "",
        max_seconds=question.max_seconds if question else None,
        written_text=written_text(take),
        wanted=wanted,
        refused=frozenset(cast(set[Modality], _HEARD)) - wanted,
        stored=queries.stored_modalities(take.id),
        left_page=left_page(take),
        hotwords=hotwords_of(rubric, question),
    )


def is_erased(candidate_id: str) -> bool:
    """Whether nothing of this candidate can be read any more."""
    return candidate_id not in candidate_keys(current_tenant_id(), [candidate_id])


def written_text(take: Take) -> str | None:
    """The words of a text take."""
    if take.written_text is None:
        return None
    key = candidate_key(current_tenant_id(), take.candidate_id)
    return str(unseal_json(key, take.written_text, f"take:{take.id}:written_text"))


def left_page(take: Take) -> tuple[Span, ...] | None:
    """When the candidate's client was out of sight during the take; None when it said nothing of it."""
    if take.left_page is None:
        return None
    key = candidate_key(current_tenant_id(), take.candidate_id)
    spans = unseal_json(key, take.left_page, f"take:{take.id}:left_page")
    return tuple(Span(start_ms=start, end_ms=end) for start, end in spans)


def store_result(take_id: str, result: ModalityResult) -> None:
    """Keep one modality. What is already stored stays: the same recording gives the same signals (A7)."""
    if result.modality in queries.stored_modalities(take_id):
        return
    take = queries.get_take(take_id)
    analysis = Analysis(
        id=(analysis_id := new_id()),
        take_id=take_id,
        modality=result.modality,
        status=result.status,
        reason=result.reason,
        engine=result.engine.model_dump(mode="json"),
    )
    if result.signals is not None:
        key = candidate_key(current_tenant_id(), take.candidate_id)
        analysis.signals = seal_json(key, result.signals, _context(analysis_id))
    db.session.add(analysis)
    db.session.flush()


def store_absences(take_id: str, modalities: Iterable[Modality], status: str, reason: str) -> None:
    """Say for each modality why there is nothing: a report names what is missing."""
    for modality in modalities:
        store_result(
            take_id,
            ModalityResult.model_validate(
                {"modality": modality, "status": status, "reason": reason, "engine": _NOBODY}
            ),
        )


def results_of(take_id: str) -> dict[Modality, ModalityResult]:
    """Everything stored about a take, by modality."""
    return results_of_takes([queries.get_take(take_id)])[take_id]


def results_of_takes(takes: list[Take]) -> dict[str, dict[Modality, ModalityResult]]:
    """Everything stored about takes of one candidate, by take and modality. Raises Gone ``candidate_erased``."""
    owners = {take.id: take.candidate_id for take in takes}
    found: dict[str, dict[Modality, ModalityResult]] = {take.id: {} for take in takes}
    for row in queries.analyses_of(list(owners)):
        key = candidate_key(current_tenant_id(), owners[row.take_id])
        result = ModalityResult.model_validate(
            {
                "modality": row.modality,
                "status": row.status,
                "reason": row.reason,
                "engine": row.engine,
                "signals": None if row.signals is None else unseal_json(key, row.signals, _context(row.id)),
            }
        )
        found[row.take_id][result.modality] = result
    return found


def conclude(take_id: str) -> None:
    """Close a submitted take: ``unusable`` with the reason when it may be recorded again, else ``analysed``."""
    take = queries.get_take(take_id)
    if take.status != "submitted":
        return
    failed = [row.reason for row in queries.analyses_of([take_id]) if row.status == "failed"]
    again = sorted(reason for reason in failed if reason in _RECORD_AGAIN)
    take.status, take.reason = ("unusable", again[0]) if again else ("analysed", None)
    db.session.flush()


def give_up(brief: TakeBrief) -> None:
    """Our machine could not analyse it: what is missing is named, the recording kept, a person looks."""
    store_absences(brief.take_id, brief.refused, "skipped", "no_consent")
    if "face" not in brief.wanted:
        store_absences(brief.take_id, ["face"], "skipped", "no_consent_or_policy")
    store_absences(brief.take_id, brief.wanted, "failed", "analysis_failed")
    conclude(brief.take_id)


def _context(analysis_id: str) -> str:
    return f"analysis:{analysis_id}:signals"

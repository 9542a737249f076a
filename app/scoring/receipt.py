"""The receipt of a score: what went in, what made it, what came out, as hashes; and its replay (R4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pydantic import Field

from app.core.signals import Document, Engine
from app.scoring.answers import AnswerSignals
from app.scoring.canonical import canonical_json, sha256_of
from app.scoring.documents import Score
from app.scoring.policy import ScoringPolicy
from app.scoring.rubric import Rubric, rubric_hash
from app.scoring.score import ALGORITHM, ALGORITHM_VERSION, score_interview


class RecordingHash(Document):
    """A take's recording: SHA-256 of each segment's plaintext, in order."""

    take_id: str
    sha256: list[str]


class SignalHash(Document):
    """One input of the score. ``modality`` is ``answer`` for its own facts (question, medium, text)."""

    answer_id: str
    take_id: str
    modality: str
    sha256: str


class Receipt(Document):
    """Everything needed to prove that a score follows from its inputs."""

    algorithm: str
    algorithm_version: str
    code_version: str = Field(description="release or commit of the product that scored")
    rubric_sha256: str
    policy_sha256: str
    recordings: list[RecordingHash]
    signals: list[SignalHash]
    engines: list[Engine]
    score_sha256: str


class Replay(Document):
    """The outcome of scoring again. ``differences`` names what does not match; none means identical bytes."""

    identical: bool
    differences: list[str]
    score: Score


def _signal_hashes(answers: Sequence[AnswerSignals]) -> list[SignalHash]:
    hashes = []
    for answer in sorted(answers, key=lambda a: (a.answer_id, a.take_id)):
        own = answer.model_dump(mode="json", exclude={"modalities"}, exclude_none=True)
        documents = {"answer": sha256_of(own)}
        for modality, result in answer.modalities.items():
            # The typed document, so that JSON read back from any database hashes the same.
            documents[modality] = sha256_of(
                [result.model_dump(exclude={"signals"}, exclude_none=True), result.document()]
            )
        hashes += [
            SignalHash(answer_id=answer.answer_id, take_id=answer.take_id, modality=modality, sha256=digest)
            for modality, digest in sorted(documents.items())
        ]
    return hashes


def _engines(answers: Sequence[AnswerSignals]) -> list[Engine]:
    engines = {canonical_json(r.engine): r.engine for a in answers for r in a.modalities.values()}
    return [engines[key] for key in sorted(engines)]


def make_receipt(
    score: Score,
    rubric: Rubric,
    answers: Sequence[AnswerSignals],
    policy: ScoringPolicy,
    *,
    recordings: Mapping[str, Sequence[str]],
    code_version: str,
) -> Receipt:
    """Seal a score. ``recordings`` maps take ids to the SHA-256 of their segments, in order."""
    return Receipt(
        algorithm=score.algorithm,
        algorithm_version=score.algorithm_version,
        code_version=code_version,
        rubric_sha256=rubric_hash(rubric),
        policy_sha256=sha256_of(policy),
        recordings=[RecordingHash(take_id=t, sha256=list(recordings[t])) for t in sorted(recordings)],
        signals=_signal_hashes(answers),
        engines=_engines(answers),
        score_sha256=sha256_of(score),
    )


def replay(
    receipt: Receipt, rubric: Rubric, answers: Sequence[AnswerSignals], policy: ScoringPolicy
) -> Replay:
    """Score again from stored signals and compare byte for byte.

    Differences are ``algorithm``, ``rubric``, ``policy``, ``signals:<answer>:<modality>`` and ``score``.
    """
    score = score_interview(rubric, answers, policy)
    differences = []
    if (receipt.algorithm, receipt.algorithm_version) != (ALGORITHM, ALGORITHM_VERSION):
        differences.append("algorithm")
    if receipt.rubric_sha256 != rubric_hash(rubric):
        differences.append("rubric")
    if receipt.policy_sha256 != sha256_of(policy):
        differences.append("policy")
    then, now = set(map(_key, receipt.signals)), set(map(_key, _signal_hashes(answers)))
    differences += sorted({f"signals:{answer}:{modality}" for answer, _, modality, _ in then ^ now})
    if receipt.score_sha256 != sha256_of(score):
        differences.append("score")
    return Replay(identical=not differences, differences=differences, score=score)


def _key(signal: SignalHash) -> tuple[str, str, str, str]:
    return signal.answer_id, signal.take_id, signal.modality, signal.sha256

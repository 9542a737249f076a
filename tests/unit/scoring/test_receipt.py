"""A receipt proves a score, and names what changed when it no longer does."""

from __future__ import annotations

import json

from app.scoring.answers import AnswerSignals
from app.scoring.canonical import canonical_json, sha256_of
from app.scoring.policy import ScoringPolicy
from app.scoring.receipt import Receipt, make_receipt, replay
from app.scoring.rubric import Rubric
from app.scoring.score import score_interview
from tests.unit.scoring.builders import STORY, THIN, media, rubric, spoken, with_modality

POLICY = ScoringPolicy()
ANSWERS = [spoken("difficulty", STORY), spoken("team", THIN)]


def sealed() -> Receipt:
    score = score_interview(rubric(), ANSWERS, POLICY)
    recordings = {"take-answer-team": ["b" * 64], "take-answer-difficulty": ["a" * 64, "c" * 64]}
    return make_receipt(score, rubric(), ANSWERS, POLICY, recordings=recordings, code_version="0.1.0")


def test_a_receipt_survives_storage_and_replays() -> None:
    receipt = Receipt.model_validate_json(sealed().model_dump_json())
    assert receipt == sealed()
    again = replay(receipt, rubric(), ANSWERS, POLICY)
    assert again.identical and again.differences == []
    assert sha256_of(again.score) == receipt.score_sha256
    assert [r.take_id for r in receipt.recordings] == ["take-answer-difficulty", "take-answer-team"]
    assert [e.name for e in receipt.engines] == ["by-hand"]


def test_what_changed_is_named() -> None:
    receipt = sealed()
    document = rubric().model_dump(mode="json")
    document["competencies"][0]["keywords"] = []
    other = Rubric.model_validate(document)
    assert replay(receipt, other, ANSWERS, POLICY).differences == ["rubric", "score"]
    longer = [ANSWERS[0], with_modality(ANSWERS[1], media(61_000))]
    assert replay(receipt, rubric(), longer, POLICY).differences == ["signals:answer-team:media"]
    missing = replay(receipt, rubric(), ANSWERS[:1], POLICY).differences
    assert "signals:answer-team:answer" in missing and "score" in missing
    policy = ScoringPolicy(face_weight_hundredths=10, face_reason="出镜")
    assert replay(receipt, rubric(), ANSWERS, policy).differences == ["policy", "score"]
    older = receipt.model_copy(update={"algorithm_version": "0"})
    assert replay(older, rubric(), ANSWERS, POLICY).differences == ["algorithm"]


def test_numbers_hash_alike_however_a_database_wrote_them() -> None:
    assert canonical_json({"b": 1.0, "a": [0.5, "字"]}) == '{"a":[0.5,"字"],"b":1}'.encode()
    whole = json.loads(
        ANSWERS[0]
        .model_dump_json()
        .replace("0.9,", "0.90,")
        .replace('"parameters":{"a":1}', '"parameters":{"a":1.0}')
    )
    answers = [AnswerSignals.model_validate(whole), ANSWERS[1]]
    assert replay(sealed(), rubric(), answers, POLICY).identical

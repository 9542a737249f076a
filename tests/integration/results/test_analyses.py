"""From a submitted take to stored signals: what is looked at, what is kept, what happens when it goes wrong."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from app.analyses import queries
from app.analyses.hotwords import MOST, hotwords_of
from app.analyses.models import Analysis
from app.analyses.service import results_of, store_result, wanted_modalities
from app.core.clock import utcnow
from app.core.database import db
from app.core.errors import PermanentError, RetryableError
from app.core.signals import MODALITIES, ModalityResult
from app.core.work import Work
from app.interviews.models import Take
from app.policies.models import Policy
from app.ports import TakeSource
from app.scoring.rubric import Rubric
from tenants.keys import erase_candidate_key
from tenants.tenancy import tenant_scope, tenant_transaction
from tests.factories import ok, refused
from tests.integration.results.conftest import Finished, Results, told
from tests.unit.scoring import builders

Step = ModalityResult | Exception


@dataclass
class ScriptedAnalyser:
    """A TakeAnalyser that gives what a test wants, once per attempt, and remembers what it was asked."""

    attempts: list[list[Step]]
    asked: list[TakeSource] = field(default_factory=list)
    skipped: list[frozenset[str]] = field(default_factory=list)

    def warm_up(self) -> None:
        """Nothing to load."""

    def analyse(self, take: TakeSource, *, skip: frozenset[str] = frozenset()) -> Iterator[ModalityResult]:
        self.asked.append(take)
        self.skipped.append(skip)
        for step in self.attempts[min(len(self.asked), len(self.attempts)) - 1]:
            if isinstance(step, Exception):
                raise step
            if step.modality not in skip:
                yield step


def analyse(results: Results, *attempts: list[Step]) -> ScriptedAnalyser:
    """Do the due analyses with a scripted analyser."""
    analyser = ScriptedAnalyser(list(attempts))
    results.world.app.extensions["analyser"] = analyser
    results.world.perform("analyse_take")
    return analyser


def stored(finished: Finished, question: str = "difficulty") -> dict[str, ModalityResult]:
    with finished.world.app.app_context(), tenant_scope(finished.company.id):
        return {str(key): value for key, value in results_of(finished.takes[question]).items()}


def take_of(finished: Finished, question: str = "difficulty") -> tuple[str, str | None]:
    with finished.world.app.app_context(), tenant_scope(finished.company.id):
        take = db.session.get_one(Take, finished.takes[question])
        return take.status, take.reason


def make_due(finished: Finished) -> None:
    """Let no wait stand between an attempt and the next."""
    with finished.world.app.app_context(), tenant_transaction(finished.company.id):
        db.session.execute(update(Work).values(due_at=utcnow()))


def report_of(finished: Finished) -> Any:
    world = finished.world
    path = f"/api/v1/interviews/{finished.id}/report"
    return ok(world.client.get(path, headers=world.staff(finished.company, "recruiter")))


def test_every_modality_is_stored_sealed_and_the_score_follows(either_results: Results) -> None:
    finished = either_results.interview(either_results.position(either_results.world.acme))
    analyse(either_results, list(told(builders.STORY)))
    assert set(stored(finished)) == set(MODALITIES)
    assert take_of(finished) == ("analysed", None)
    with finished.world.app.app_context(), tenant_scope(finished.company.id):
        rows = db.session.scalars(select(Analysis).where(Analysis.take_id == finished.takes["difficulty"]))
        assert not any("销售额".encode() in (row.signals or b"") for row in rows)
    either_results.world.perform("score_interview")
    assert report_of(finished)["total"]["status"] == "complete"


def test_an_answer_is_measured_against_its_questions_own_limit(results: Results) -> None:
    rubric = builders.rubric().model_dump(mode="json")
    for number, question in enumerate(rubric["questions"]):
        question["max_seconds"] = 60 + number
    finished = results.interview(results.position(rubric=rubric))
    too_long = builders.result("media", None, status="failed", reason="too_long")
    analyser = analyse(results, [too_long])
    limits = {take.question_text: take.max_seconds for take in analyser.asked}
    assert limits == {question["text"]: question["max_seconds"] for question in rubric["questions"]}
    assert take_of(finished) == ("unusable", "too_long")
    for language, word in (("zh-CN", "超过"), ("en", "longer")):
        path = f"/api/v1/candidate/interview?lang={language}"
        interview = ok(results.world.client.get(path, headers=finished.candidate()))
        assert all(word in question["answer"]["advice"] for question in interview["questions"])


def test_an_answer_is_heard_with_the_words_of_the_rubric(results: Results) -> None:
    """The keywords of what the question asks for come first, then the others, then what the rubric calls things."""
    finished = results.interview(results.position(results.world.acme))
    analyser = analyse(results, list(told(builders.STORY)))
    heard = analyser.asked[0].hotwords
    with finished.world.app.app_context(), tenant_scope(finished.company.id):
        rubric = Rubric.model_validate(queries.asked(queries.get_take(finished.takes["difficulty"])).rubric)
    question = next(one for one in rubric.questions if one.id == "difficulty")
    assert heard == hotwords_of(rubric, question)
    asked = [c for c in rubric.competencies if c.key in question.competencies]
    first = [word for c in asked for k in c.keywords for word in (k.word, *k.synonyms)]
    assert first and list(heard[: len(first)]) == list(dict.fromkeys(first))
    assert set(heard) >= {c.name["zh-CN"] for c in rubric.competencies}
    assert len(set(heard)) == len(heard) <= MOST


def test_an_interrupted_analysis_goes_on_where_it_stopped(results: Results) -> None:
    finished = results.interview(results.position())
    media, speech, *rest = told(builders.STORY)
    analyse(results, [media, speech, RetryableError("memory_short")])
    assert set(stored(finished)) == {"media", "speech"}
    assert take_of(finished) == ("submitted", None)
    make_due(finished)
    again = analyse(results, [media, speech, *rest])
    assert all(skip == {"media", "speech"} for skip in again.skipped)
    assert take_of(finished) == ("analysed", None)
    assert stored(finished)["speech"] == speech


def test_the_first_result_of_a_modality_stays(results: Results) -> None:
    finished = results.interview(results.position())
    with results.world.app.app_context(), tenant_transaction(finished.company.id):
        store_result(finished.takes["team"], builders.media(1000))
        store_result(finished.takes["team"], builders.media(2000))
    signals = stored(finished, "team")["media"].signals
    assert signals is not None
    assert signals["duration_ms"] == 1000


def test_without_consent_to_voice_nothing_is_heard_and_the_report_says_so(results: Results) -> None:
    finished = results.interview(results.position(), consents=("recording",))
    analyser = analyse(results, [builders.media(), *told(builders.STORY)[1:]])
    assert all(take.wanted == {"media", "integrity"} for take in analyser.asked)
    assert {"speech", "delivery", "text"} <= analyser.skipped[0]
    assert {name for name, result in stored(finished).items() if result.reason == "no_consent"} == {
        "speech",
        "delivery",
        "text",
    }
    results.world.perform("score_interview")
    report = report_of(finished)
    assert report["total"]["status"] == "abstained"
    assert {c["abstention"]["reason"] for c in report["competencies"]} == {"no_consent"}
    missing = {m["modality"]: m["text"] for m in report["answers"][0]["missing"]}
    assert "未同意分析语音" in missing["speech"]


def test_a_withdrawn_consent_counts(results: Results) -> None:
    finished = results.interview(results.position())
    answer = results.world.client.post(
        "/api/v1/candidate/consents",
        json={"modality": "voice", "granted": False, "text_version": "1"},
        headers=finished.candidate(),
    )
    assert answer.status_code == 201, answer.json
    analyser = analyse(results, [builders.media()])
    assert all(take.wanted == {"media", "integrity"} for take in analyser.asked)


@pytest.mark.parametrize(
    ("policy", "consents", "looks"),
    [
        ("off", ("recording", "voice", "face"), False),
        ("facts", ("recording", "voice"), False),
        ("facts", ("recording", "voice", "face"), True),
    ],
)
def test_faces_need_the_policy_and_the_consent(
    results: Results, policy: str, consents: tuple[str, ...], looks: bool
) -> None:
    finished = results.interview(results.position(), consents=consents)
    with results.world.app.app_context(), tenant_transaction(finished.company.id):
        db.session.execute(update(Policy).values(face_analysis=policy))
    analyser = analyse(results, list(told(builders.STORY)))
    assert {"face" in take.wanted for take in analyser.asked} == {looks}


def test_written_answers_need_no_consent_to_voice(results: Results) -> None:
    finished = results.interview(
        results.position(),
        media={"difficulty": "text", "team": "text"},
        written={"difficulty": builders.STORY, "team": builders.STORY},
        consents=("recording",),
    )
    written = builders.result("media", None, status="skipped", reason="written_answer")
    analyser = analyse(results, [written, *told(builders.STORY)[1:2], told(builders.STORY)[3]])
    assert {take.written_text for take in analyser.asked} == {builders.STORY}
    assert analyser.asked[0].segments == []
    results.world.perform("score_interview")
    report = report_of(finished)
    assert report["total"]["status"] == "complete"
    assert (
        "".join(run["text"] for s in report["answers"][0]["sentences"] for run in s["runs"]) == builders.STORY
    )


def test_an_unusable_recording_has_a_reason_and_no_score(results: Results) -> None:
    finished = results.interview(results.position())
    analyse(results, [builders.result("media", None, status="failed", reason="silent")])
    assert take_of(finished) == ("unusable", "silent")
    results.world.perform("score_interview")
    report = report_of(finished)
    assert report["total"]["points"] is None
    assert report["competencies"][0]["abstention"]["reason"] == "recording_failed"


def test_what_the_machine_cannot_do_is_named_and_left_to_a_person(results: Results) -> None:
    finished = results.interview(results.position())
    analyse(results, [builders.media(), PermanentError("recording_missing")])
    assert take_of(finished) == ("analysed", None)
    kept = stored(finished)
    assert kept["media"].status == "done"
    assert {kept[name].reason for name in ("speech", "delivery", "text")} == {"analysis_failed"}
    assert kept["face"].reason == "no_consent_or_policy"
    results.world.perform("score_interview")
    report = report_of(finished)
    assert report["competencies"][0]["abstention"]["reason"] == "analysis_failed"
    assert any("录制已安全保存" in m["text"] for m in report["answers"][0]["missing"])


def test_a_worker_without_its_model_waits_and_costs_no_attempt(results: Results) -> None:
    finished = results.interview(results.position())
    for _ in range(7):  # more than the most attempts an analysis has
        analyse(results, [PermanentError("model_unavailable")])
        make_due(finished)
    assert take_of(finished) == ("submitted", None)
    assert stored(finished) == {}


def test_a_take_that_was_replaced_is_left_alone(results: Results) -> None:
    finished = results.interview(results.position())
    with results.world.app.app_context(), tenant_transaction(finished.company.id):
        db.session.get_one(Take, finished.takes["team"]).status = "discarded"
    analyse(results, list(told(builders.STORY)))
    assert stored(finished, "team") == {}
    assert take_of(finished, "team") == ("discarded", None)


def test_an_erased_candidate_is_neither_analysed_nor_scored(results: Results) -> None:
    first, second = results.interview(results.position()), results.interview(results.position())
    results.measured(second)
    with results.world.app.app_context():
        for finished in (first, second):
            erase_candidate_key(finished.company.id, finished.candidate_id)
    analyser = analyse(results, list(told(builders.STORY)))
    results.world.perform("score_interview")
    assert analyser.asked == []
    assert results.world.due("analyse_take", "score_interview") == []
    path = f"/api/v1/interviews/{second.id}/report"
    headers = results.world.staff(second.company, "recruiter")
    refused(results.world.client.get(path, headers=headers), 409, "report_not_ready")


@given(
    consents=st.dictionaries(st.sampled_from(["recording", "voice", "face"]), st.booleans()),
    medium=st.sampled_from(["video", "voice", "text"]),
    allowed=st.booleans(),
)
def test_no_sense_looks_without_leave(consents: dict[str, bool], medium: str, allowed: bool) -> None:
    wanted = wanted_modalities(consents, medium=medium, faces_allowed=allowed)
    assert "media" in wanted
    recorded = consents.get("recording") is True
    assert ("face" in wanted) == (medium == "video" and allowed and recorded and consents.get("face") is True)
    assert ("integrity" in wanted) == (medium == "text" or recorded)
    heard = {"speech", "delivery", "text"}
    listens = medium == "text" or (recorded and consents.get("voice"))
    assert heard <= wanted if listens else not heard & wanted

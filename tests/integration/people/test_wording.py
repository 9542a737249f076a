"""What candidates write passes WeChat's check where WeChat knows them; nobody is silenced by its absence (P4)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from app.audits.models import AuditEntry
from app.candidates.models import Resume
from app.interviews.models import Interview
from app.threads.models import Post
from tests.factories import APP, Headers, World, ok, refused
from tests.integration.answering import answerer, rows
from tests.integration.people.test_binding import invite
from tests.integration.wechat.sandbox_client import Sandbox, Someone

RISKY, DOUBTFUL = "特3456书yuuo莞6543李zxcz蒜7782法fgnv级", "完2347全dfji试3726测asad感3847知qwez到"
PROFILE = {"name": "李明", "email": None, "language": "zh-CN", "time_zone": "Asia/Shanghai", "resume": ""}


@dataclass
class Writer:
    """A candidate inside WeChat."""

    world: World
    person: Someone
    headers: Headers

    def send(self, method: str, path: str, body: Any, **headers: str) -> Any:
        address = f"/api/v1/candidate/{path}"
        return self.world.client.open(address, method=method, json=body, headers={**self.headers, **headers})

    def noted(self) -> list[tuple[str, dict[str, Any]]]:
        """What the audit log says about words."""
        entries = rows(self.world, self.world.acme, AuditEntry)
        return [(one.action, one.detail) for one in entries if one.action.startswith("words.")]


@pytest.fixture
def writer(world: World, sandbox: Sandbox) -> Writer:
    invitation, person = invite(world, world.acme, sandbox.new_person())
    return Writer(world, person, world.accept(invitation, person))


WRITTEN = [
    ("POST", "thread", lambda words: {"body": words}, 201),
    ("PUT", "profile", lambda words: {**PROFILE, "resume": words}, 200),
    ("PUT", "profile", lambda words: {**PROFILE, "name": words}, 200),
    ("POST", "decline", lambda words: {"reason": words}, 200),
]


@pytest.mark.parametrize(("method", "path", "body", "status"), WRITTEN)
def test_risky_words_are_refused_with_a_next_step_and_others_taken(
    writer: Writer, method: str, path: str, body: Any, status: int
) -> None:
    answer = writer.send(method, path, body(f"您好 {RISKY}"))
    refused(answer, 422, "words_refused")
    assert answer.json["next"] and RISKY not in answer.get_data(as_text=True)
    assert writer.noted() == [("words.refused", {"label": "20006"})]
    assert rows(writer.world, writer.world.acme, Post) == rows(writer.world, writer.world.acme, Resume) == []
    ok(writer.send(method, path, body("您好")), status)
    assert len(writer.noted()) == 1


def test_the_words_of_an_appeal_and_of_a_survey_are_checked_too(writer: Writer) -> None:
    """Before anything else, so they need no interview here."""
    refused(writer.send("POST", "appeal", {"reason": RISKY}), 422, "words_refused")
    said = {"answers": {"flow": 5, "problems": ["none"], "words": RISKY}}
    refused(writer.send("POST", "survey", said), 422, "words_refused")
    assert rows(writer.world, writer.world.acme, Interview) == []


def test_a_doubt_refuses_nobody_and_is_noted(writer: Writer) -> None:
    ok(writer.send("POST", "thread", {"body": DOUBTFUL}), 201)
    assert writer.noted() == [("words.doubtful", {"label": "21000"})]


@pytest.mark.parametrize("fault", ["http_500", "close_connection", "not_json", -1, 45009, 61010])
def test_nobody_is_silenced_while_wechat_is_away(writer: Writer, sandbox: Sandbox, fault: int | str) -> None:
    sandbox.fault("words", fault, APP, times=9)
    try:
        ok(writer.send("POST", "thread", {"body": f"我需要帮助 {RISKY}"}), 201)
    finally:
        sandbox.clear_faults()
    [(action, detail)] = writer.noted()
    assert action == "words.not_checked" and detail["reason"]


def test_a_repeated_request_is_one_post(writer: Writer) -> None:
    for _ in range(2):
        ok(writer.send("POST", "thread", {"body": "声音很小"}, **{"Idempotency-Key": "one"}), 201)
    assert len(rows(writer.world, writer.world.acme, Post)) == 1


def test_more_words_than_any_form_takes_are_refused_without_asking(writer: Writer, sandbox: Sandbox) -> None:
    before = sandbox.calls(APP, "words")
    refused(writer.send("POST", "thread", {"body": "啊" * 300_000}), 422, "invalid_input")
    assert sandbox.calls(APP, "words") == before
    longest = {**PROFILE, "resume": "项目经历。" * 4_000}
    ok(writer.send("PUT", "profile", longest))
    assert sandbox.calls(APP, "words") > before


def test_a_browser_without_wechat_is_asked_nothing(world: World, sandbox: Sandbox) -> None:
    person, before = answerer(world), sandbox.calls(APP, "words")  # bound to an identity that no app knows
    path = "/api/v1/candidate/thread"
    ok(world.client.post(path, json={"body": RISKY}, headers=person.headers), 201)
    assert sandbox.calls(APP, "words") == before


def test_an_answer_of_the_interview_is_never_refused(writer: Writer, sandbox: Sandbox) -> None:
    """It is evidence: whatever was said is kept as it was said."""
    routes = {
        rule.rule
        for rule in writer.world.app.url_map.iter_rules()
        if getattr(writer.world.app.view_functions[rule.endpoint], "asks_outside", False)
    }
    assert routes == {
        f"/api/v1/candidate/{name}" for name in ("thread", "appeal", "survey", "profile", "decline")
    }

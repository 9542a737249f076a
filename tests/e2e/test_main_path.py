"""The whole job with the real processes: on SQLite with the embedded Valkey, and on MariaDB with a Valkey server."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from app.core.ids import new_id
from config.settings import SAMPLE_MODELS
from samples.client import Api, wait_for
from samples.demo import OPERATOR_EMAIL, SHARED, walk
from samples.journey import (
    PASSWORD,
    RECORDINGS,
    Journey,
    MiniProgram,
    Places,
    Platform,
    check_sums,
    load_company,
    open_recruiting,
)
from workers.supervisor import Stack

pytestmark = pytest.mark.stack
OWN = MiniProgram("wx-own", "自有小程序")
MARIADB = pytest.param("production", marks=pytest.mark.mariadb)
# The main path is walked on both; what it says of the databases is said by then, and these ways ask the same of them.
ONE_DATABASE = pytest.mark.parametrize(
    "stack",
    ["embedded", pytest.param("production", marks=[pytest.mark.mariadb, pytest.mark.full])],
    indirect=True,
)


def secret() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


@pytest.fixture(scope="module", params=["embedded", MARIADB])
def stack(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The embedded profile; or the production profile with the sample models, which say that they are on."""
    environment = {
        "PROFILE": request.param,
        "DATA_DIR": str(tmp_path_factory.mktemp("data")),
        "OPERATOR_EMAIL": OPERATOR_EMAIL,
        "OPERATOR_PASSWORD": PASSWORD,
    }
    if request.param == "production":
        environment |= {
            "DATABASE_URL": request.getfixturevalue("mariadb_url"),
            "SCHEMA_PREFIX": f"e{new_id()[-10:]}",
            "VALKEY_URL": request.getfixturevalue("valkey_url"),
            "MASTER_KEY": secret(),
            "JWT_SECRET_KEY": secret(),
            "SPEECH_MODEL": str(SAMPLE_MODELS / "funasr-tiny" / "asr"),
            "VAD_MODEL": str(SAMPLE_MODELS / "funasr-tiny" / "vad"),
            "PUNC_MODEL": str(SAMPLE_MODELS / "funasr-tiny" / "punc"),
            "EXPRESSION_WEIGHTS": str(SAMPLE_MODELS / "facial_expression_model_weights.onnx"),
        }
    with Stack(environment, with_sandbox=True) as stack:
        yield stack


@pytest.fixture(scope="module")
def places(stack: Stack) -> Places:
    return Places(stack.url, stack.sandbox_url, OPERATOR_EMAIL, PASSWORD)


def test_from_invitation_to_explained_result(stack: Stack) -> None:
    result, journey = walk(stack)
    assert result["ok"] is True
    assert result["character_error_rate"] <= 0.05
    assert result["score"]["status"] == "complete"
    assert result["decision"]["outcome"] == "advance"
    by_channel = [message["channel"] for message in result["messages"]]
    assert by_channel == ["sms", "sms", "wechat", "wechat", "wechat", "wechat"]
    assert result["survey"]["answers"]["process"] == 5
    report = journey.hr.get(f"/interviews/{journey.interview_id}/report?lang=en")
    assert any(notice["kind"] == "sample" for notice in report["notices"])
    evidence = [e for c in report["competencies"] for part in c["contributions"] for e in part["evidence"]]
    assert evidence and all(e["start_ms"] < e["end_ms"] for e in evidence if e["start_ms"] is not None)
    own = journey.me.get("/candidate/report")
    assert own["audience"] == "candidate"
    assert all(c["average"] is None for c in own["competencies"]) and own["engines"] == []
    summary = journey.hr.get("/survey/summary")
    assert summary["responses"] == 1 and summary["withheld"] is True


@ONE_DATABASE
def test_one_person_two_companies_one_shared_program_and_one_own(places: Places) -> None:
    platform, suffix = Platform(places), new_id()[-6:]
    company = load_company()
    person = {"name": "王芳", "phone": "+8613911112222"}
    journeys = []
    for name in ("north", "south"):
        _, slug = platform.open_company({**company, "name": name}, f"{name}-{suffix}")
        hr = open_recruiting(places, company, slug)
        journeys.append(Journey(places, SHARED, hr, company, person))
    tenant_id, slug = platform.open_company({**company, "name": "own"}, f"own-{suffix}")
    platform.register(OWN, tenant_id=tenant_id)
    journeys.append(Journey(places, OWN, open_recruiting(places, company, slug), company, person))
    for one in journeys:
        one.invite(one.create_position(), datetime.now(UTC) + timedelta(days=1, seconds=10))
        one.open_link()
        one.consent()
        one.subscribe()
    for one in journeys:
        one.await_message("reminder_day")
    visitor = Api(places.api_url).post(
        "/wechat/sessions", {"app_id": SHARED.app_id, "code": journeys[0].phone.login_code()}
    )
    mine = Api(places.api_url, visitor["access_token"]).get("/wechat/me/invitations")["companies"]
    assert {"north", "south", "own"} <= {one["company"] for one in mine}  # one person in WeChat, one list
    visitor = Api(places.api_url).post(
        "/wechat/sessions", {"app_id": OWN.app_id, "code": journeys[2].phone.login_code()}
    )
    theirs = Api(places.api_url, visitor["access_token"]).get("/wechat/me/invitations")["companies"]
    assert [one["company"] for one in theirs] == ["own"]  # a company's own program hears of that company only
    reminders = [m for m in journeys[0].phone.inbox() if m["channel"] == "wechat"]
    assert sorted(m["app_name"] for m in reminders) == sorted([SHARED.name, SHARED.name, OWN.name])


@ONE_DATABASE
@pytest.mark.parametrize(
    ("name", "medium", "reason"),
    [
        ("silent.mp4", "video", "silent"),
        # The same way by another word; what is named so is tests/integration/corpus's to say.
        pytest.param("not-a-recording.mp4", "video", "not_a_recording", marks=pytest.mark.full),
    ],
)
def test_an_unusable_recording_is_named_and_may_be_made_again(
    places: Places, name: str, medium: str, reason: str
) -> None:
    company, suffix = load_company(), new_id()[-6:]
    _, slug = Platform(places).open_company(company, f"again-{suffix}")
    hr = open_recruiting(places, company, slug)
    one = Journey(
        places, SHARED, hr, company, {"name": "赵强", "phone": f"+86137{int(suffix, 16) % 10**8:08d}"}
    )
    rubric = company["position"]["rubric"]
    every = [competency["key"] for competency in rubric["competencies"]]
    question = {**rubric["questions"][0], "competencies": every, "retakes": 0}
    one.invite(
        one.create_position({**rubric, "questions": [question]}), datetime.now(UTC) + timedelta(days=2)
    )
    one.open_link()
    one.consent(("recording", "voice"))
    one.start()
    one.answer("growth", RECORDINGS / name, medium=medium)

    def told() -> dict[str, object] | None:
        answer = one.me.get("/candidate/interview")["questions"][0]["answer"]
        return answer if answer["status"] == "unusable" else None

    answer = wait_for("the reason", told)
    assert answer["reason"] == reason and answer["advice"]
    one.answer("growth", RECORDINGS / "growth.mp4")
    one.finish()
    report = one.await_report()
    check_sums(report)
    assert report["total"]["status"] == "complete"
    faces = [
        missing
        for answer in report["answers"]
        for missing in answer["missing"]
        if missing["modality"] == "face"
    ]
    assert faces and faces[0]["status"] == "skipped"  # no consent for the face: an equal path without it

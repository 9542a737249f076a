"""The contract of the WeChat gateway, over the stand-in as a real process, with each fault scripted."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from app.core.errors import (
    InvalidInput,
    OutsideError,
    PermanentError,
    RateLimited,
    RetryableError,
    UncertainError,
)
from app.ports import SubscribeMessage, WeChatApp
from config.settings import Settings
from tests.integration.wechat.sandbox_client import INVITED, PAGES, Sandbox, Someone
from wechat.client import WeChatClientGateway, build_gateway
from wechat.templates import validate_template_data

DATA = {"thing1": "销售经理", "time2": "2026年11月22日 20:00"}


@pytest.fixture
def app(sandbox: Sandbox) -> WeChatApp:
    return sandbox.register_app()


@pytest.fixture
def person(sandbox: Sandbox) -> Someone:
    return sandbox.new_person()


def message(app: WeChatApp, openid: str, **members: Any) -> SubscribeMessage:
    given = {"template_id": INVITED, "page": f"{PAGES[0]}?token=abc", "data": DATA} | members
    return SubscribeMessage(app=app, openid=openid, **given)


# --- Login and phone ---


def test_a_login_code_gives_the_identity_once(
    gateway: WeChatClientGateway, sandbox: Sandbox, app: WeChatApp, person: Someone
) -> None:
    code = person.login_code(app)
    identity = gateway.code_to_session(app, code)
    assert (identity.app_id, identity.openid) == (app.app_id, person.openid(app))
    assert identity.unionid == person.unionid
    assert sandbox.calls(app, "token") == 0  # the exchange needs no access token
    with pytest.raises(PermanentError) as again:
        gateway.code_to_session(app, code)
    assert again.value.reason == "code_invalid"


def test_one_person_has_another_openid_in_another_app_and_the_same_unionid(
    gateway: WeChatClientGateway, sandbox: Sandbox, app: WeChatApp, person: Someone
) -> None:
    other = sandbox.register_app()
    alone = sandbox.register_app(open_platform=False)
    first = gateway.code_to_session(app, person.login_code(app))
    second = gateway.code_to_session(other, person.login_code(other))
    assert first.openid != second.openid
    assert first.unionid == second.unionid
    assert gateway.code_to_session(alone, person.login_code(alone)).unionid is None


def test_a_code_of_another_app_or_a_made_up_one_is_invalid(
    gateway: WeChatClientGateway, sandbox: Sandbox, app: WeChatApp, person: Someone
) -> None:
    other = sandbox.register_app()
    for code in (person.login_code(other), person.phone_code(app), "made-up", ""):
        with pytest.raises(PermanentError) as refused:
            gateway.code_to_session(app, code)
        assert refused.value.reason == "code_invalid"


@pytest.mark.parametrize("secret", ["wrong", ""])
def test_a_wrong_secret_is_refused_even_where_a_token_is_cached(
    gateway: WeChatClientGateway, app: WeChatApp, person: Someone, secret: str
) -> None:
    assert gateway.phone_number(app, person.phone_code(app)) == person.phone
    thief = WeChatApp(app.app_id, secret)
    for call in (
        lambda: gateway.code_to_session(thief, person.login_code(app)),
        lambda: gateway.phone_number(thief, person.phone_code(app)),
        lambda: gateway.send_subscribe_message(message(thief, person.openid(app))),
    ):
        with pytest.raises(PermanentError) as refused:
            call()
        assert refused.value.reason == "app_credentials_invalid"


@pytest.mark.parametrize("phone", ["+8613912345678", "+85291234567", "+14155550123"])
def test_a_phone_code_gives_the_number_once(
    gateway: WeChatClientGateway, sandbox: Sandbox, app: WeChatApp, phone: str
) -> None:
    person = Someone(sandbox, sandbox.post("people", name="Ann", phone=phone))
    code = person.phone_code(app)
    assert gateway.phone_number(app, code) == phone
    with pytest.raises(PermanentError) as again:
        gateway.phone_number(app, code)
    assert again.value.reason == "code_invalid"


@pytest.mark.parametrize(
    ("code", "kind", "reason"),
    [
        (40226, PermanentError, "user_blocked"),
        (45011, RateLimited, "quota_minute"),
        (-1, RetryableError, "wechat_busy"),
    ],
)
def test_login_faults(
    gateway: WeChatClientGateway,
    sandbox: Sandbox,
    app: WeChatApp,
    person: Someone,
    code: int,
    kind: type[OutsideError],
    reason: str,
) -> None:
    sandbox.fault("jscode2session", code, app, times=4)
    with pytest.raises(kind) as refused:
        gateway.code_to_session(app, person.login_code(app))
    assert refused.value.reason == reason
    assert sandbox.calls(app, "jscode2session") == (4 if code == -1 else 1)


def test_phone_quota(gateway: WeChatClientGateway, sandbox: Sandbox, app: WeChatApp, person: Someone) -> None:
    sandbox.fault("phone_number", 1400001, app)
    with pytest.raises(PermanentError) as refused:
        gateway.phone_number(app, person.phone_code(app))
    assert refused.value.reason == "phone_quota"


@pytest.mark.parametrize(
    "fault", ["timeout_before_accept", "timeout_after_accept", "close_connection", "http_500", "not_json"]
)
def test_a_lost_login_answer_may_be_tried_again(
    gateway: WeChatClientGateway, sandbox: Sandbox, app: WeChatApp, person: Someone, fault: str
) -> None:
    sandbox.fault("jscode2session", fault, app, seconds=0.8)
    with pytest.raises(RetryableError) as lost:
        gateway.code_to_session(app, person.login_code(app))
    assert lost.value.reason == "wechat_down"
    assert gateway.code_to_session(app, person.login_code(app)).openid == person.openid(app)


# --- Subscribe messages ---


def test_one_consent_is_one_send(gateway: WeChatClientGateway, app: WeChatApp, person: Someone) -> None:
    person.consent(app, times=2)
    openid = person.openid(app)
    msgids = [gateway.send_subscribe_message(message(app, openid)) for _ in range(2)]
    with pytest.raises(PermanentError) as refused:
        gateway.send_subscribe_message(message(app, openid))
    assert refused.value.reason == "no_consent"
    assert [item["msgid"] for item in person.inbox()] == msgids
    first = person.inbox()[0]
    assert [(f["label"], f["value"]) for f in first["fields"]] == [
        ("应聘岗位", "销售经理"),
        ("截止时间", DATA["time2"]),
    ]
    assert (first["page"], first["state"], first["language"]) == (
        f"{PAGES[0]}?token=abc",
        "developer",
        "zh_CN",
    )


def test_consents_are_kept_per_app_and_template(
    gateway: WeChatClientGateway, sandbox: Sandbox, app: WeChatApp, person: Someone
) -> None:
    other = sandbox.register_app()
    person.consent(other)
    with pytest.raises(PermanentError) as refused:
        gateway.send_subscribe_message(message(app, person.openid(app)))
    assert refused.value.reason == "no_consent"
    with pytest.raises(PermanentError) as foreign:
        gateway.send_subscribe_message(message(app, person.openid(other)))
    assert foreign.value.reason == "openid_mismatch"


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ({"template_id": "TemplateOfNobody"}, "template_unknown"),
        ({"page": "pages/unreleased/index"}, "page_unknown"),
        ({"data": {"thing1": "字" * 21, "time2": "15:01"}}, "parameter_invalid"),
        ({"data": {"thing1": "字"}}, "parameter_invalid"),
        ({"data": {**DATA, "thing9": "字"}}, "parameter_invalid"),
        ({"language": "de_DE"}, "parameter_invalid"),
    ],
)
def test_a_wrong_message_is_refused_and_costs_no_consent(
    gateway: WeChatClientGateway, app: WeChatApp, person: Someone, members: dict[str, Any], reason: str
) -> None:
    person.consent(app)
    with pytest.raises(PermanentError) as refused:
        gateway.send_subscribe_message(message(app, person.openid(app), **members))
    assert refused.value.reason == reason
    assert person.consents_left(app) == 1
    assert person.inbox() == []


def test_a_banned_template(gateway: WeChatClientGateway, app: WeChatApp, person: Someone) -> None:
    result = person.act("subscriptions", app, template_ids=[INVITED], accept={INVITED: "ban"})
    assert result[INVITED] == "ban"
    with pytest.raises(PermanentError) as refused:
        gateway.send_subscribe_message(message(app, person.openid(app)))
    assert refused.value.reason == "template_banned"


@pytest.mark.parametrize(
    ("fault", "times", "kind", "reason", "calls"),
    [
        (-1, 4, RetryableError, "wechat_busy", 4),
        (43108, 5, RetryableError, "openid_busy", 5),
        (43101, 1, PermanentError, "no_consent", 1),
        (43107, 1, PermanentError, "template_banned", 1),
        (45168, 1, PermanentError, "content_refused", 1),
        (45009, 1, RateLimited, "quota_day", 1),
        (45011, 1, RateLimited, "quota_minute", 1),
        (40001, 2, RetryableError, "token_refused", 2),
        (99999, 1, PermanentError, "wechat_refused", 1),
        ("timeout_before_accept", 1, UncertainError, "no_answer", 1),
        ("close_connection", 1, UncertainError, "no_answer", 1),
        ("http_500", 1, UncertainError, "no_answer", 1),
        ("not_json", 1, UncertainError, "no_answer", 1),
    ],
)
def test_send_faults_are_named_and_repeated_only_so_often(
    gateway: WeChatClientGateway,
    sandbox: Sandbox,
    app: WeChatApp,
    person: Someone,
    fault: int | str,
    times: int,
    kind: type[OutsideError],
    reason: str,
    calls: int,
) -> None:
    person.consent(app)
    sandbox.fault("subscribe_send", fault, app, times=times, seconds=0.8)
    with pytest.raises(kind) as failed:
        gateway.send_subscribe_message(message(app, person.openid(app)))
    assert type(failed.value) is kind
    assert failed.value.reason == reason
    assert sandbox.calls(app, "subscribe_send") == calls
    assert person.inbox() == []
    assert person.consents_left(app) == 1


@pytest.mark.parametrize("fault", ["timeout_after_accept", "close_after_accept"])
def test_an_answer_lost_after_the_send_is_uncertain_and_not_repeated(
    gateway: WeChatClientGateway, sandbox: Sandbox, app: WeChatApp, person: Someone, fault: str
) -> None:
    person.consent(app, times=2)
    sandbox.fault("subscribe_send", fault, app, seconds=0.8)
    with pytest.raises(UncertainError) as failed:
        gateway.send_subscribe_message(message(app, person.openid(app)))
    assert failed.value.reason == "no_answer"
    assert len(person.inbox()) == 1
    assert person.consents_left(app) == 1


@pytest.mark.parametrize(("fault", "times"), [(-1, 3), (43108, 4), (40001, 1), (40014, 1), (42001, 1)])
def test_passing_trouble_is_waited_out(
    gateway: WeChatClientGateway, sandbox: Sandbox, app: WeChatApp, person: Someone, fault: int, times: int
) -> None:
    person.consent(app)
    sandbox.fault("subscribe_send", fault, app, times=times)
    assert gateway.send_subscribe_message(message(app, person.openid(app)))
    assert len(person.inbox()) == 1
    assert sandbox.calls(app, "subscribe_send") == times + 1


def test_a_slow_answer_within_the_time_limit_is_an_answer(
    gateway: WeChatClientGateway, sandbox: Sandbox, app: WeChatApp, person: Someone
) -> None:
    person.consent(app)
    sandbox.fault("subscribe_send", "slow", app, seconds=0.2)
    assert gateway.send_subscribe_message(message(app, person.openid(app)))


def test_two_sends_to_one_person_wait_for_each_other(
    gateway: WeChatClientGateway, sandbox: Sandbox, app: WeChatApp, person: Someone
) -> None:
    person.consent(app, times=3)
    sandbox.fault("subscribe_send", "slow", app, seconds=0.15, times=3)
    openid = person.openid(app)
    with ThreadPoolExecutor(3) as pool:
        sent = list(pool.map(lambda _: gateway.send_subscribe_message(message(app, openid)), range(3)))
    assert len(set(sent)) == 3
    assert sandbox.calls(app, "subscribe_send") == 3  # none was refused with 43108 and repeated


def test_many_threads_share_one_gateway(
    gateway: WeChatClientGateway, sandbox: Sandbox, app: WeChatApp
) -> None:
    people = [sandbox.new_person(f"候选人{n}") for n in range(12)]
    for person in people:
        person.consent(app)
    openids = [person.openid(app) for person in people]
    with ThreadPoolExecutor(12) as pool:
        sent = list(pool.map(lambda openid: gateway.send_subscribe_message(message(app, openid)), openids))
    assert len(set(sent)) == 12
    assert all(len(person.inbox()) == 1 for person in people)
    assert sandbox.calls(app, "token") == 1


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.text("一二三销售abcXYZ09 .:~-/年月日\n😀", max_size=24),
    st.sampled_from(["15:01", "2026年11月22日 20:00", "明天", "2026年2月30日 20:00", "20:00~20:30", ""]),
)
def test_what_the_validator_accepts_the_server_accepts_and_the_reverse(
    gateway: WeChatClientGateway, app: WeChatApp, person: Someone, thing: str, moment: str
) -> None:
    data = {"thing1": thing, "time2": moment}
    try:
        validate_template_data(data)
        wanted = "no_consent"  # values are checked before consents
    except InvalidInput:
        wanted = "parameter_invalid"
    with pytest.raises(PermanentError) as refused:
        gateway.send_subscribe_message(message(app, person.openid(app), data=data))
    assert refused.value.reason == wanted


# --- Codes ---


# --- words ------------------------------------------------------------------------------------------------------------

RISKY, DOUBTFUL = "特3456书yuuo莞6543李zxcz蒜7782法fgnv级", "完2347全dfji试3726测asad感3847知qwez到"


@pytest.mark.parametrize(
    ("words", "suggestion"),
    [
        ("摄像头打不开", "pass"),
        (f"您好，{RISKY}", "risky"),
        (DOUBTFUL, "review"),
        ("好" * 2500 + RISKY, "risky"),
        ("好" * 2490 + RISKY, "risky"),  # across the joint of two pieces
        (DOUBTFUL + "好" * 9000, "review"),
        ("好" * 20_000, "pass"),
    ],
)
def test_words_are_judged_whatever_their_length(
    gateway: WeChatClientGateway, app: WeChatApp, person: Someone, words: str, suggestion: str
) -> None:
    person.login_code(app)
    verdict = gateway.check_words(app, person.openid(app), words, scene="comment")
    assert verdict.suggestion == suggestion
    assert (verdict.label == 100) == (suggestion == "pass")


def test_wechat_judges_words_of_recent_visitors_only(
    gateway: WeChatClientGateway, app: WeChatApp, person: Someone
) -> None:
    with pytest.raises(PermanentError, match="visit_too_old"):
        gateway.check_words(app, person.openid(app), "您好", scene="profile")
    with pytest.raises(PermanentError, match="openid_mismatch"):
        gateway.check_words(app, "o-nobody", "您好", scene="comment")


def test_a_code_image_is_a_png_of_the_page_and_scene(gateway: WeChatClientGateway, app: WeChatApp) -> None:
    image = gateway.mini_program_code(app, scene="i=Xy7Kp2", page=f"/{PAGES[0]}")
    assert image.startswith(b"\x89PNG\r\n")
    assert b"scene\x00i=Xy7Kp2" in image
    assert b"page\x00pages/invitation/index" in image


@pytest.mark.parametrize("scene", ["", "a" * 33, "中文", "a b", "a%20b"])
def test_a_scene_wechat_would_refuse_is_refused_before_it_is_asked(
    gateway: WeChatClientGateway, sandbox: Sandbox, app: WeChatApp, scene: str
) -> None:
    with pytest.raises(PermanentError) as refused:
        gateway.mini_program_code(app, scene=scene, page=PAGES[0])
    assert refused.value.reason == "scene_invalid"
    assert sandbox.calls(app, "wxacode") == 0


def test_a_released_program_has_its_pages_checked(
    wechat_settings: Settings, wechat_valkey: Redis, app: WeChatApp
) -> None:
    formal = build_gateway(
        wechat_settings.model_copy(update={"wechat_miniprogram_state": "formal"}), wechat_valkey
    )
    assert formal.mini_program_code(app, scene="a", page=PAGES[1])
    with pytest.raises(PermanentError) as refused:
        formal.mini_program_code(app, scene="a", page="pages/unreleased/index")
    assert refused.value.reason == "page_unknown"


@pytest.mark.parametrize("fault", ["not_json", "http_500", "close_connection"])
def test_a_lost_code_image_is_asked_for_once_more(
    gateway: WeChatClientGateway, sandbox: Sandbox, app: WeChatApp, fault: str
) -> None:
    sandbox.fault("wxacode", fault, app)
    assert gateway.mini_program_code(app, scene="a", page=PAGES[0])
    sandbox.fault("wxacode", fault, app, times=2)
    with pytest.raises(RetryableError) as lost:
        gateway.mini_program_code(app, scene="a", page=PAGES[0])
    assert lost.value.reason == "wechat_down"


# --- Nobody there ---


@pytest.fixture
def nobody(wechat_settings: Settings, wechat_valkey: Redis) -> WeChatClientGateway:
    """A gateway whose base URL refuses connections."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{probe.getsockname()[1]}"
    return build_gateway(wechat_settings.model_copy(update={"wechat_api_base_url": url}), wechat_valkey)


@pytest.fixture
def silent() -> Iterator[str]:
    """The URL of a server that accepts connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def test_a_refused_connection_is_certainly_not_done(
    gateway: WeChatClientGateway, nobody: WeChatClientGateway, app: WeChatApp, person: Someone
) -> None:
    person.consent(app)
    gateway.phone_number(app, person.phone_code(app))  # the token is cached: the send itself meets nobody
    for call in (
        lambda: nobody.send_subscribe_message(message(app, person.openid(app))),
        lambda: nobody.code_to_session(app, "code"),
        lambda: nobody.mini_program_code(app, scene="a", page=PAGES[0]),
    ):
        with pytest.raises(RetryableError) as down:
            call()
        assert down.value.reason == "wechat_down"


@pytest.fixture
def full() -> Iterator[str]:
    """The URL of a server whose queue of connections is full: connecting to it times out."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as server:
        waiting = [socket.socket() for _ in range(4)]
        for connection in waiting:
            connection.setblocking(False)
            connection.connect_ex(server.getsockname())
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        for connection in waiting:
            connection.close()


def test_a_connection_that_never_comes_about_is_certainly_not_done(
    full: str,
    gateway: WeChatClientGateway,
    wechat_settings: Settings,
    wechat_valkey: Redis,
    app: WeChatApp,
    person: Someone,
) -> None:
    gateway.phone_number(app, person.phone_code(app))
    crowded = build_gateway(wechat_settings.model_copy(update={"wechat_api_base_url": full}), wechat_valkey)
    with pytest.raises(RetryableError) as down:
        crowded.send_subscribe_message(message(app, person.openid(app)))
    assert (down.value.reason, down.value.detail) == ("wechat_down", "ConnectTimeout")


def test_a_killed_senders_lock_ends_by_itself(
    gateway: WeChatClientGateway, wechat_valkey: Redis, app: WeChatApp, person: Someone
) -> None:
    person.consent(app)
    openid = person.openid(app)
    wechat_valkey.set(f"wechat:send:{app.app_id}:{openid}", b"dead", px=300)
    assert gateway.send_subscribe_message(message(app, openid))


def test_a_person_another_process_is_writing_to_is_busy(
    gateway: WeChatClientGateway, sandbox: Sandbox, wechat_valkey: Redis, app: WeChatApp, person: Someone
) -> None:
    openid = person.openid(app)
    wechat_valkey.set(f"wechat:send:{app.app_id}:{openid}", b"another", ex=30)
    with pytest.raises(RetryableError) as busy:
        gateway.send_subscribe_message(message(app, openid))
    assert busy.value.reason == "openid_busy"
    assert sandbox.calls(app, "subscribe_send") == 0


def test_a_silent_token_endpoint_means_the_message_was_not_sent(
    silent: str, wechat_settings: Settings, wechat_valkey: Redis, sandbox: Sandbox, person: Someone
) -> None:
    app = sandbox.register_app()  # no token cached for it
    mute = build_gateway(wechat_settings.model_copy(update={"wechat_api_base_url": silent}), wechat_valkey)
    started = time.monotonic()
    with pytest.raises(RetryableError) as down:
        mute.send_subscribe_message(message(app, person.openid(app)))
    assert down.value.reason == "wechat_down"
    assert time.monotonic() - started < 3  # wechatpy's own token fetch would wait for ever


def test_no_valkey_means_not_sent(wechat_settings: Settings, app: WeChatApp, person: Someone) -> None:
    cut_off = build_gateway(wechat_settings, Redis(host="127.0.0.1", port=1, retry=Retry(NoBackoff(), 0)))
    person.consent(app)
    with pytest.raises(RetryableError) as down:
        cut_off.send_subscribe_message(message(app, person.openid(app)))
    assert down.value.reason == "valkey_down"
    assert cut_off.code_to_session(app, person.login_code(app)).openid  # login needs none


def test_a_send_that_went_out_is_reported_so_even_when_valkey_goes_away_meanwhile(
    wechat_settings: Settings, wechat_valkey: Redis, sandbox: Sandbox, app: WeChatApp, person: Someone
) -> None:
    """Losing the lock must not turn a success into an error, which would be repeated."""
    gateway = build_gateway(wechat_settings, wechat_valkey)
    person.consent(app)
    openid = person.openid(app)
    sandbox.fault("subscribe_send", "slow", app, seconds=0.3)
    timer = threading.Timer(0.15, wechat_valkey.delete, [f"wechat:send:{app.app_id}:{openid}"])
    timer.start()
    assert gateway.send_subscribe_message(message(app, openid))
    timer.join()

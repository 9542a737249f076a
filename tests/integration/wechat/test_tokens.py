"""Access tokens: one fetch however many ask, refreshed only while the failed one is stored, secrets out of sight."""

from __future__ import annotations

import itertools
import logging
import subprocess
import sys
import threading
import time
import traceback
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from redis import Redis

from app.core.errors import OutsideError, PermanentError, RateLimited, RetryableError
from app.ports import WeChatApp
from config.settings import Settings
from tests.integration.wechat.sandbox_client import PAGES, ROOT, Sandbox
from wechat.client import WeChatClientGateway, build_gateway
from wechat.tokens import AccessTokens, FreshToken

THREADS = 8
PROCESS = f"""
import sys
from concurrent.futures import ThreadPoolExecutor
from redis import Redis
from app.ports import WeChatApp
from config.settings import load_settings
from wechat.client import build_gateway
url, valkey, app_id, secret, data_dir = sys.argv[1:]
gateway = build_gateway(
    load_settings(profile="test", data_dir=data_dir, wechat_api_base_url=url), Redis.from_url(valkey)
)
print("ready", flush=True)
sys.stdin.readline()
ask = lambda n: gateway.mini_program_code(WeChatApp(app_id, secret), scene=str(n), page="{PAGES[0]}")
with ThreadPoolExecutor({THREADS}) as pool:
    print(sum(len(image) > 100 for image in pool.map(ask, range({THREADS}))))
"""


@pytest.fixture
def app(sandbox: Sandbox) -> WeChatApp:
    return sandbox.register_app()


def ask(gateway: WeChatClientGateway, app: WeChatApp) -> bytes:
    """A call that needs a token."""
    return gateway.mini_program_code(app, scene="a", page=PAGES[0])


def test_two_processes_with_many_threads_fetch_one_token(
    sandbox: Sandbox, app: WeChatApp, wechat_settings: Settings
) -> None:
    sandbox.fault("token", "slow", app, seconds=0.3)  # everybody arrives while the first one fetches
    arguments = [sandbox.url, wechat_settings.valkey_url, app.app_id, app.secret]
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", PROCESS, *arguments, str(wechat_settings.data_dir)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == "ready"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    assert [int(process.communicate(timeout=30)[0]) for process in processes] == [THREADS, THREADS]
    assert sandbox.calls(app, "token") == 1


def test_a_refused_token_is_replaced_once_for_all_who_met_the_refusal(
    sandbox: Sandbox, app: WeChatApp, gateway: WeChatClientGateway
) -> None:
    ask(gateway, app)
    sandbox.post(f"apps/{app.app_id}/tokens/revoke")
    with ThreadPoolExecutor(THREADS) as pool:
        images = list(pool.map(lambda _: ask(gateway, app), range(THREADS)))
    assert all(images)
    assert sandbox.calls(app, "token") == 2


def test_a_token_wechat_insists_on_is_refreshed_by_force_within_its_limits(
    sandbox: Sandbox, app: WeChatApp, gateway: WeChatClientGateway
) -> None:
    ask(gateway, app)
    sandbox.fault("wxacode", 40001, app)
    assert ask(gateway, app)
    assert sandbox.calls(app, "token") == 3  # the first; the same again; by force
    sandbox.fault("wxacode", 40001, app)
    with pytest.raises(RateLimited) as limited:
        ask(gateway, app)
    assert limited.value.reason == "token_refresh_limited"
    assert limited.value.after_seconds >= 1


def test_forced_refreshes_stop_at_twenty_a_day(wechat_valkey: Redis) -> None:
    app, fetched = WeChatApp("wxforce", "s"), iter(range(1000))

    def stubborn(_: WeChatApp, force: bool) -> FreshToken:
        return FreshToken(f"fresh-{next(fetched)}" if force else "stuck", 7200)

    tokens = AccessTokens(wechat_valkey, stubborn, wait_seconds=1)

    def force() -> str:
        for key in wechat_valkey.scan_iter("wechat:token*:wxforce:*"):
            if b"forced:" not in key:  # as after 30 s and a lost token
                wechat_valkey.delete(key)
        return tokens.replace(app, "stuck")

    assert len({force() for _ in range(20)}) == 20
    with pytest.raises(RateLimited):
        force()


@pytest.mark.parametrize(("expires_in", "at_most"), [(7200, 6900), (400, 100), (200, 1)])
def test_a_token_is_kept_until_five_minutes_before_it_ends(
    wechat_valkey: Redis, expires_in: int, at_most: int
) -> None:
    app = WeChatApp(f"wxlife{expires_in}", "s")
    tokens = AccessTokens(wechat_valkey, lambda _app, _force: FreshToken("t", expires_in), wait_seconds=1)
    assert tokens.current(app) == "t"
    (key,) = wechat_valkey.scan_iter(f"wechat:token:{app.app_id}:*")
    assert 0 < wechat_valkey.ttl(key) <= at_most


def test_a_process_that_died_while_fetching_blocks_nobody_for_ever(wechat_valkey: Redis) -> None:
    """Its lock ends by itself."""
    app = WeChatApp("wxdead", "s")
    tokens = AccessTokens(wechat_valkey, lambda _app, _force: FreshToken("t", 7200), wait_seconds=2)
    tokens.current(app)
    (key,) = wechat_valkey.scan_iter("wechat:token:wxdead:*")
    wechat_valkey.delete(key)
    wechat_valkey.set(key.replace(b":token:", b":token-lock:"), b"dead", px=300)
    assert tokens.current(app) == "t"


@pytest.mark.parametrize(("code", "reason"), [(40164, "ip_not_allowed"), (45011, "quota_minute")])
def test_a_refused_token_fetch_is_named(
    sandbox: Sandbox, app: WeChatApp, gateway: WeChatClientGateway, code: int, reason: str
) -> None:
    sandbox.fault("token", code, app)
    with pytest.raises(OutsideError) as refused:
        ask(gateway, app)
    assert refused.value.reason == reason
    assert ask(gateway, app)


# --- The stand-in's own tokens follow WeChat's rules ---


def stable(sandbox: Sandbox, app: WeChatApp, *, force: bool = False) -> str:
    body = {
        "grant_type": "client_credential",
        "appid": app.app_id,
        "secret": app.secret,
        "force_refresh": force,
    }
    return str(
        requests.post(f"{sandbox.url}/cgi-bin/stable_token", json=body, timeout=5).json()["access_token"]
    )


def plain(sandbox: Sandbox, app: WeChatApp) -> str:
    query = {"grant_type": "client_credential", "appid": app.app_id, "secret": app.secret}
    return str(requests.get(f"{sandbox.url}/cgi-bin/token", params=query, timeout=5).json()["access_token"])


def judged(sandbox: Sandbox, token: str) -> int:
    answer = requests.post(
        f"{sandbox.url}/wxa/business/getuserphonenumber",
        params={"access_token": token},
        json={"code": "x"},
        timeout=5,
    )
    return int(answer.json()["errcode"])


GOOD = 40029  # the token passed; the code did not


def test_stable_tokens_repeat_and_are_apart_from_plain_ones(sandbox: Sandbox, app: WeChatApp) -> None:
    first = stable(sandbox, app)
    assert stable(sandbox, app) == first
    old, new = plain(sandbox, app), plain(sandbox, app)
    assert len({first, old, new}) == 3
    assert [judged(sandbox, token) for token in (first, old, new)] == [GOOD] * 3  # the old one overlaps
    forced = stable(sandbox, app, force=True)
    assert forced != first
    assert judged(sandbox, first) == 42001
    assert stable(sandbox, app, force=True) == forced  # less than 30 s later
    assert (judged(sandbox, "made-up"), judged(sandbox, "")) == (40001, 41001)


# --- Secrets ---


def test_no_secret_reaches_a_log_or_an_exception(
    sandbox: Sandbox,
    app: WeChatApp,
    wechat_settings: Settings,
    wechat_valkey: Redis,
    caplog: pytest.LogCaptureFixture,
) -> None:
    gateway = build_gateway(wechat_settings, wechat_valkey)
    gone = wechat_settings.model_copy(update={"wechat_api_base_url": "http://127.0.0.1:1"})
    nobody = build_gateway(gone, wechat_valkey)
    code = sandbox.new_person().login_code(app)
    told: list[str] = []
    with caplog.at_level(logging.DEBUG):
        ask(gateway, app)
        for fault in (40029, -1, "close_connection", "http_500", "timeout_before_accept", "not_json"):
            sandbox.fault("jscode2session", fault, app, times=4 if fault == -1 else 1, seconds=0.6)
            sandbox.fault("wxacode", fault, app, times=4, seconds=0.6)
            for call in (lambda: gateway.code_to_session(app, code), lambda: ask(gateway, app)):
                with pytest.raises(OutsideError) as failed:
                    call()
                told += [*traceback.format_exception(failed.value), repr(failed.value)]
                assert failed.value.__context__ is None
            requests.delete(f"{sandbox.url}/sandbox/faults", timeout=5)
        for call in (lambda: nobody.code_to_session(app, code), lambda: ask(nobody, app)):
            with pytest.raises(OutsideError) as failed:
                call()
            told += traceback.format_exception(failed.value)
    (stored,) = wechat_valkey.scan_iter(f"wechat:token:{app.app_id}:*")
    token = wechat_valkey.get(stored).decode()
    everything = caplog.text + "".join(told)
    assert "jscode2session" in caplog.text  # the URL was logged, without what is secret
    for secret in (app.secret, token, code):
        assert secret not in everything


def test_a_wrong_secret_finds_no_token_of_the_right_one(
    sandbox: Sandbox, app: WeChatApp, gateway: WeChatClientGateway
) -> None:
    ask(gateway, app)
    with pytest.raises(PermanentError) as refused:
        ask(gateway, WeChatApp(app.app_id, "guessed"))
    assert refused.value.reason == "app_credentials_invalid"


def test_a_fetch_that_hangs_keeps_the_others_waiting_no_longer_than_its_lock(wechat_valkey: Redis) -> None:
    app, release, fetches = WeChatApp("wxslow", "s"), threading.Event(), itertools.count()

    def fetch(_app: WeChatApp, _force: bool) -> FreshToken:
        if next(fetches) == 0:
            release.wait(5)
        return FreshToken("t", 7200)

    tokens = AccessTokens(wechat_valkey, fetch, wait_seconds=0.3)
    first = threading.Thread(target=tokens.current, args=(app,))
    first.start()
    try:
        while not list(wechat_valkey.scan_iter("wechat:token-lock:wxslow:*")):
            time.sleep(0.01)
        started = time.monotonic()
        assert tokens.current(app) == "t"
        assert 0.1 < time.monotonic() - started < 1
    finally:
        release.set()
        first.join()


def test_a_lock_that_stays_taken_is_an_error_to_try_again(wechat_valkey: Redis) -> None:
    app = WeChatApp("wxbusy", "s")
    tokens = AccessTokens(wechat_valkey, lambda _app, _force: FreshToken("t", 7200), wait_seconds=0.1)
    tokens.current(app)
    (key,) = wechat_valkey.scan_iter("wechat:token:wxbusy:*")
    wechat_valkey.delete(key)
    wechat_valkey.set(key.replace(b":token:", b":token-lock:"), b"another", ex=5)
    with pytest.raises(RetryableError) as busy:
        tokens.current(app)
    assert busy.value.reason == "token_busy"

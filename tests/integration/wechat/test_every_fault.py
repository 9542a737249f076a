"""Every fault the stand-in can play, in every operation: a named error with words, nothing twice, and then it goes on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from app.core.catalogue import has
from app.core.errors import OutsideError, UncertainError
from app.ports import SubscribeMessage, WeChatApp, WordsVerdict
from tests.integration.wechat.sandbox_client import INVITED, PAGES, Sandbox, Someone
from wechat.client import WeChatClientGateway
from wechat.errors import VERDICTS
from wechat.sandbox.faults import NAMED, OPERATIONS

UNKNOWN_CODE = 99999
ONE_OF_EACH_KIND = {*NAMED, -1, 40001, 45009, 48001, UNKNOWN_CODE}
FAULTS = [
    fault if fault in ONE_OF_EACH_KIND else pytest.param(fault, marks=pytest.mark.full)
    for fault in (*NAMED, *VERDICTS, UNKNOWN_CODE)
]
SENDS = {"token", "subscribe_send"}
OTHER_GATEWAYS = {"sms", "mail", "robot"}
Call = Callable[[], Any]


@pytest.fixture
def app(sandbox: Sandbox) -> WeChatApp:
    return sandbox.register_app()


@pytest.fixture
def account(sandbox: Sandbox) -> WeChatApp:
    return sandbox.register_app(kind="official_account", oauth_domain="weimian.example")


@pytest.fixture
def person(sandbox: Sandbox) -> Someone:
    return sandbox.new_person()


def calls(
    gateway: WeChatClientGateway, app: WeChatApp, account: WeChatApp, person: Someone
) -> dict[str, Call]:
    """A fresh try of each operation; ``token`` is met by the first call that needs one."""

    def send() -> str | None:
        message = SubscribeMessage(
            app=app,
            openid=person.openid(app),
            template_id=INVITED,
            page=PAGES[0],
            data={"thing1": "销售经理", "time2": "15:01"},
        )
        return gateway.send_subscribe_message(message)

    def check() -> WordsVerdict:
        person.login_code(app)
        return gateway.check_words(app, person.openid(app), "您好", scene="comment")

    address = gateway.authorization_address(account, back_to="https://weimian.example/back", state="s")
    return {
        "token": send,
        "jscode2session": lambda: gateway.code_to_session(app, person.login_code(app)),
        "phone_number": lambda: gateway.phone_number(app, person.phone_code(app)),
        "wxacode": lambda: gateway.mini_program_code(app, scene="a", page=PAGES[0]),
        "subscribe_send": send,
        "words": check,
        "web_code": lambda: gateway.code_to_visitor(account, person.web_code(address)),
    }


def test_every_operation_of_the_stand_in_is_called(
    gateway: WeChatClientGateway, app: WeChatApp, account: WeChatApp, person: Someone
) -> None:
    assert {*calls(gateway, app, account, person), *OTHER_GATEWAYS} == set(OPERATIONS)


@pytest.mark.parametrize("operation", [name for name in OPERATIONS if name not in OTHER_GATEWAYS])
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_named_and_passes(
    gateway: WeChatClientGateway,
    sandbox: Sandbox,
    app: WeChatApp,
    account: WeChatApp,
    person: Someone,
    operation: str,
    fault: int | str,
) -> None:
    call = calls(gateway, app, account, person)[operation]
    caller = account if operation == "web_code" else app
    if operation in SENDS:
        person.consent(app, times=2)
    sandbox.fault(operation, fault, caller, seconds=0.7 if str(fault).startswith("timeout") else 0.05)
    left: OutsideError | None = None
    try:
        call()
    except OutsideError as error:
        left = error
    arrived = len(person.inbox())
    if left is not None:
        for part in ("title", "next"):
            assert has(f"wechat.reasons.{left.reason}.{part}"), left.reason
        assert caller.secret not in str(left)
        if isinstance(left, UncertainError):
            assert operation == "subscribe_send"
        else:
            assert arrived == 0  # certainly not done
    assert arrived <= 1
    call()  # the fault is over
    assert len(person.inbox()) == arrived + (operation in SENDS)

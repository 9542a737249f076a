"""Group robots: what each service takes, what it answers, and which addresses are never written to."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from app.adapters.robots import HttpGroupRobots
from app.core.errors import OutsideError, PermanentError, RateLimited, RetryableError
from app.ports import RobotAddress, RobotNews
from tests.integration.wechat.sandbox_client import Sandbox

SERVICES = ("wecom", "feishu", "dingtalk", "json")
NEWS = RobotNews(
    id="a" * 32,
    title="微面：有事项等待处理",
    lines=["销售代表：3 场面试等待决定", "<@all>[x](http://evil.example)"],
    link="https://weimian.example/m/#/hr/inbox/index",
    link_text="打开",
    facts={"items": [{"kind": "decision", "count": 3}]},
)


def robot(sandbox: Sandbox, service: str, key: str, secret: str = "") -> RobotAddress:
    path = sandbox.post("robots", service=service, key=key, secret=secret)["path"]
    return RobotAddress(service, sandbox.url + path, secret)  # type: ignore[arg-type]


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("secret", ["", "SEC0123456789"])
def test_every_service_takes_our_news(sandbox: Sandbox, service: str, secret: str) -> None:
    address = robot(sandbox, service, f"key-{service}-{secret}", secret)
    HttpGroupRobots(local=True).post(address, NEWS)
    (told,) = sandbox.get(f"robots/key-{service}-{secret}")
    assert "3" in str(told) and NEWS.link in str(told)
    if service in ("wecom", "dingtalk"):
        assert "<@all>" not in str(told) and "](http://evil" not in str(told)


@pytest.mark.parametrize("service", ["feishu", "dingtalk", "json"])
def test_a_wrong_secret_is_refused(sandbox: Sandbox, service: str) -> None:
    address = robot(sandbox, service, f"signed-{service}", "right")
    wrong = RobotAddress(address.format, address.url, "wrong")
    with pytest.raises(PermanentError) as refused:
        HttpGroupRobots(local=True).post(wrong, NEWS)
    assert refused.value.reason == "robot_refused"
    assert sandbox.get(f"robots/signed-{service}") == []


@pytest.mark.parametrize("service", SERVICES)
def test_a_robot_that_is_gone(sandbox: Sandbox, service: str) -> None:
    address = robot(sandbox, service, "there")
    gone = RobotAddress(address.format, address.url.replace("there", "gone"))
    with pytest.raises(PermanentError) as refused:
        HttpGroupRobots(local=True).post(gone, NEWS)
    assert refused.value.reason == "robot_unknown"


@pytest.mark.parametrize(
    ("fault", "kind", "reason"),
    [
        (45009, RateLimited, "robot_busy"),
        (-1, RetryableError, "robot_down"),
        ("http_500", RetryableError, "robot_down"),
        ("close_connection", RetryableError, "robot_down"),
        ("not_json", PermanentError, "robot_refused"),
        (40058, PermanentError, "robot_refused"),
    ],
)
def test_what_goes_wrong_is_told_apart(
    sandbox: Sandbox, fault: int | str, kind: type[OutsideError], reason: str
) -> None:
    address = robot(sandbox, "wecom", f"fault-{fault}")
    sandbox.post("faults", operation="robot", fault=fault)
    with pytest.raises(kind) as refused:
        HttpGroupRobots(local=True).post(address, NEWS)
    assert refused.value.reason == reason


def test_a_long_list_fits_wecom(sandbox: Sandbox) -> None:
    lines = [f"岗位 {number}：1 场面试等待决定" for number in range(400)]
    news = RobotNews(NEWS.id, NEWS.title, lines, NEWS.link, NEWS.link_text)
    HttpGroupRobots(local=True).post(robot(sandbox, "wecom", "long"), news)
    (told,) = sandbox.get("robots/long")
    assert "岗位 0" in told["markdown"]["content"] and NEWS.link in told["markdown"]["content"]


def test_a_redirect_is_not_followed(sandbox: Sandbox) -> None:
    sandbox.post("robots", service="json", key="elsewhere")
    with pytest.raises(PermanentError) as refused:
        HttpGroupRobots(local=True).post(RobotAddress("json", f"{sandbox.url}/elsewhere"), NEWS)
    assert refused.value.reason == "robot_address_refused"
    assert sandbox.get("robots/elsewhere") == []


REFUSED = [
    "http://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=x",
    "https://127.0.0.1/x",
    "https://localhost/x",
    "https://10.0.0.8/x",
    "https://192.168.1.1/x",
    "https://169.254.169.254/latest/meta-data",
    "https://[::1]/x",
    "https://[::ffff:10.0.0.1]/x",
    "https://[fd00::1]/x",
    "https://[fec0::1]/x",
    "https://[::7f00:1]/x",
    "https://[64:ff9b::a9fe:a9fe]/latest/meta-data",
    "https://[64:ff9b:1::a00:1]/x",
    "https://[::ffff:0:a00:1]/x",
    "https://intranet/x",
    "https://hr.corp.internal/x",
    "https://user:word@example.com/x",
    "https://example.com:8443/x",
    "https://example.com:99999/x",
    "ftp://example.com/x",
    "https:///x",
]


@pytest.mark.parametrize("url", REFUSED)
def test_an_address_inside_is_refused_before_anything_is_sent(url: str) -> None:
    with pytest.raises(PermanentError) as refused:
        HttpGroupRobots(local=False).check_address(RobotAddress("json", url))
    assert refused.value.reason == "robot_address_refused"


@pytest.mark.parametrize("url", ["https://[2606:4700::6810:85e5]/x", "https://[64:ff9b::5db8:d822]/x"])
def test_a_public_address_of_either_kind_is_taken(url: str) -> None:
    HttpGroupRobots(local=False).check_address(RobotAddress("json", url))


@pytest.mark.parametrize("inside", ["10.1.2.3", "127.0.0.1", "100.64.0.1", "fd00::5", "64:ff9b::7f00:1"])
def test_a_public_name_that_leads_inside_is_refused(monkeypatch: pytest.MonkeyPatch, inside: str) -> None:
    def resolve(_name: str, port: int, **_more: Any) -> list[Any]:
        return [(0, 0, 0, "", ("93.184.216.34", port)), (0, 0, 0, "", (inside, port))]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    with pytest.raises(PermanentError) as refused:
        HttpGroupRobots(local=False).post(RobotAddress("json", "https://hooks.example.com/x"), NEWS)
    assert refused.value.reason == "robot_address_refused"

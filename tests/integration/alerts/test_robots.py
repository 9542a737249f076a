"""Group robots: what each service takes, what it answers, and which addresses are never written to."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from app.adapters import robots
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


@contextmanager
def listening(answer: Callable[[socket.socket], None], tls: ssl.SSLContext | None = None) -> Iterator[int]:
    """A server for one call on a port of this machine: it reads the request, then answers as it likes."""
    with socket.create_server(("127.0.0.1", 0)) as door:

        def serve() -> None:
            with suppress(OSError):
                line, _ = door.accept()
                with tls.wrap_socket(line, server_side=True) if tls else line as talk:
                    talk.recv(65536)
                    answer(talk)

        server = threading.Thread(target=serve, daemon=True)
        server.start()
        yield int(door.getsockname()[1])
        server.join(5)


DRIPS = [b"HTTP/1.1 200 OK\r\nx: ", b"HTTP/1.1 200 OK\r\ncontent-length: 9999\r\n\r\n", b"HTTP/1.1 2"]


@pytest.mark.parametrize("beginning", DRIPS)
def test_a_byte_now_and_then_keeps_nobody_waiting(beginning: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(robots, "ANSWER_SECONDS", 0.5)

    def drip(talk: socket.socket) -> None:
        talk.sendall(beginning)
        for _ in range(100):
            time.sleep(0.1)
            talk.sendall(b"a")

    begun = time.monotonic()
    with listening(drip) as port, pytest.raises(RetryableError) as refused:
        HttpGroupRobots(local=True).post(RobotAddress("json", f"http://127.0.0.1:{port}/x"), NEWS)
    assert refused.value.reason == "robot_down"
    assert time.monotonic() - begun < 4


def test_an_endless_answer_is_not_read_to_its_end() -> None:
    def flood(talk: socket.socket) -> None:
        talk.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 10000000\r\n\r\n" + b"a" * 1_000_000)

    with listening(flood) as port, pytest.raises(PermanentError) as refused:
        HttpGroupRobots(local=True).post(RobotAddress("json", f"http://127.0.0.1:{port}/x"), NEWS)
    assert refused.value.reason == "robot_refused"


@pytest.mark.parametrize(
    ("trusted", "host"), [(True, "localhost"), (True, "127.0.0.1"), (False, "localhost")]
)
def test_only_a_certificate_of_that_name_is_trusted(
    trusted: bool, host: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its address alone is not in the certificate."""
    tls = certified("localhost", tmp_path)
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "certificate.pem"))
    told: list[bytes] = []

    def resolve(_name: str, port: int, *_more: Any, **_named: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 0, "", ("127.0.0.1", port))]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)

    def take(talk: socket.socket) -> None:
        told.append(b"")
        talk.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")

    with listening(take, tls) as port:
        address = RobotAddress("json", f"https://{host}:{port}/x")
        if trusted and host == "localhost":
            HttpGroupRobots(local=True).post(address, NEWS)
            assert told
        else:
            with pytest.raises(RetryableError):
                HttpGroupRobots(local=True).post(address, NEWS)
            assert told == []


def certified(name: str, folder: Path) -> ssl.SSLContext:
    """A server's side of TLS with a certificate of its own for one name."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject, now = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]), datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain)
    (folder / "certificate.pem").write_bytes(certificate.public_bytes(pem))
    (folder / "both.pem").write_bytes(secret + certificate.public_bytes(pem))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "both.pem")
    return context


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

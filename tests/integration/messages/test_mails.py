"""E-mail over real SMTP: what each answer of a mail server means, encryption, and e-mail as the way after SMS."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from app.adapters.mails import NoMailSender, SmtpMailSender, build_mail_sender
from app.core.errors import OutsideError, PermanentError, RetryableError, UncertainError
from app.ports import MailSender
from config.settings import load_settings
from tests.factories import World, ok
from tests.integration.messages.conftest import sandbox_faults_gone
from tests.integration.wechat.sandbox_client import Sandbox
from wechat.sandbox.faults import Fault, Faults
from wechat.sandbox.mail import MailServer
from wechat.sandbox.state import SandboxState

ACCOUNT = ("weimian", "secret")
TO = "ming@mail.example"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key and its own certificate for 127.0.0.1, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(secret + made.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture
def server() -> Iterator[MailServer]:
    with MailServer(SandboxState(), Faults()) as plain:
        yield plain.start()
        plain.shutdown()


@pytest.fixture
def guarded(certificate: Path) -> Iterator[MailServer]:
    """A server that takes nothing before STARTTLS and sign-in."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    with MailServer(SandboxState(), Faults(), tls=tls, account=ACCOUNT) as strict:
        yield strict.start()
        strict.shutdown()


def sender(server: MailServer, **more: Any) -> SmtpMailSender:
    values: dict[str, Any] = {"security": "none", "account": None, "timeout": 1.0} | more
    return SmtpMailSender("localhost", server.port, sender="微面 <no-reply@weimian.example>", **values)


def send(mails: MailSender) -> str | None:
    return mails.send_mail(TO, "面试\n验证码", ".第一行是点\n您好 🙂", reference="attempt1")


def inbox(server: MailServer) -> list[dict[str, Any]]:
    return [one for one in server.state.messages if one["channel"] == "email"]


def test_what_was_written_arrives(server: MailServer) -> None:
    assert send(sender(server)) == "attempt1@weimian.example"
    [mail] = inbox(server)
    assert (mail["address"], mail["title"]) == (TO, "面试 验证码")
    assert mail["body"].split() == [".第一行是点", "您好", "🙂"]
    assert "no-reply@weimian.example" in mail["sender"]


@pytest.mark.parametrize(
    ("fault", "kind", "reason", "arrived"),
    [
        (550, PermanentError, "mail_refused", 0),
        (552, PermanentError, "mail_refused", 0),
        (450, RetryableError, "mail_later", 0),
        (421, RetryableError, "mail_later", 0),
        ("close_connection", RetryableError, "mail_down", 0),
        ("close_after_accept", UncertainError, "no_answer", 1),
        ("timeout_after_accept", UncertainError, "no_answer", 1),
    ],
)
def test_what_a_server_says(
    server: MailServer, fault: int | str, kind: type[OutsideError], reason: str, arrived: int
) -> None:
    server.faults.add(Fault("mail", fault, seconds=2.0))
    with pytest.raises(OutsideError) as refused:
        send(sender(server))
    assert (type(refused.value), refused.value.reason) == (kind, reason)
    assert len(inbox(server)) == arrived


def test_nobody_there_is_tried_again() -> None:
    with MailServer(SandboxState(), Faults()) as gone:
        mails = sender(gone)
    with pytest.raises(RetryableError) as refused:
        send(mails)
    assert refused.value.reason == "mail_down"


def test_a_session_is_encrypted_before_it_says_who_we_are(guarded: MailServer, certificate: Path) -> None:
    trust = ssl.create_default_context(cafile=str(certificate))
    encrypted: dict[str, Any] = {"security": "starttls", "trust": trust}
    send(sender(guarded, account=ACCOUNT, **encrypted))
    assert len(inbox(guarded)) == 1
    for options, reason in (
        ({"account": ("weimian", "wrong"), **encrypted}, "mail_login_refused"),
        ({"account": ACCOUNT, "security": "starttls"}, "mail_not_encrypted"),  # a certificate nobody trusts
        ({"account": None, "security": "none"}, "mail_sender_refused"),
    ):
        with pytest.raises(PermanentError) as refused:
            send(sender(guarded, **options))
        assert refused.value.reason == reason
    assert len(inbox(guarded)) == 1


def test_a_server_without_starttls_gets_nothing(server: MailServer) -> None:
    with pytest.raises(PermanentError) as refused:
        send(sender(server, security="starttls"))
    assert refused.value.reason == "mail_not_encrypted"
    assert inbox(server) == []


def test_without_a_host_it_says_so(tmp_path: Path) -> None:
    mails = build_mail_sender(load_settings(profile="test", data_dir=tmp_path))
    assert isinstance(mails, NoMailSender)
    with pytest.raises(PermanentError) as refused:
        send(mails)
    assert refused.value.reason == "mail_not_configured"


def test_production_never_sends_in_the_open(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="MAIL_SECURITY"):
        load_settings(profile="test", data_dir=tmp_path, mail_host="mx.example", mail_security="none")


@pytest.fixture
def invited_by_mail(world: World, sandbox: Sandbox) -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """A fresh invitation of somebody with an e-mail address; its messages as HR sees them, oldest first."""
    person = sandbox.new_person()
    candidate = world.add_candidate(world.acme, person.phone, email=TO)
    sandbox.post("faults", operation="sms", fault=400)
    invitation = world.invite(world.acme, candidate, world.add_position(world.acme))

    def messages() -> list[dict[str, Any]]:
        headers = world.staff(world.acme, "recruiter")
        path = f"/api/v1/messages?invitation_id={invitation['id']}&limit=100"
        found = ok(world.client.get(path, headers=headers))["items"]
        return [one for one in reversed(found) if one["kind"] == "invitation"]

    yield messages
    sandbox_faults_gone(sandbox)


def test_what_no_phone_takes_goes_by_mail(
    world: World, sandbox: Sandbox, invited_by_mail: Callable[[], list[dict[str, Any]]]
) -> None:
    for _ in range(3):
        world.perform("deliver_message")
    found = [(m["channel"], m["status"], m["reason"] and m["reason"]["code"]) for m in invited_by_mail()]
    assert found == [("sms", "fallen_back", "sms_refused"), ("email", "sent", None)]
    mail = sandbox.get("messages", channel="email")[-1]
    assert mail["address"] == TO
    assert "/i/" in mail["body"]


def test_codes_asked_from_one_address_are_limited(world: World, sandbox: Sandbox) -> None:
    """Whoever walks over many links from one place is stopped, whichever links they are."""
    path = f"/api/v1/invitation-links/{'x' * 28}/codes"
    visitor = world.visit(sandbox.new_person())
    statuses = [world.client.post(path, headers=visitor).status_code for _ in range(61)]
    assert (set(statuses[:60]), statuses[60]) == ({404}, 429)

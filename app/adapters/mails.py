"""E-mail over SMTP (RFC 5321): one connection per message, encrypted, every wait bounded."""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import formataddr, localtime, parseaddr

from app.core.errors import OutsideError, PermanentError, RetryableError, UncertainError
from app.ports import MailSender
from config import Settings

_GOES_AHEAD = 354
_DONE = 250


class SmtpMailSender:
    """One account on one mail server. ``security``: tls from the first byte, starttls, or none on this machine."""

    is_configured = True

    def __init__(
        self,
        host: str,
        port: int,
        *,
        security: str,
        account: tuple[str, str] | None,
        sender: str,
        timeout: float,
        trust: ssl.SSLContext | None = None,
    ) -> None:
        self._host, self._port, self._security, self._account = host, port, security, account
        self._name, self._sender = parseaddr(sender)
        self._timeout = timeout
        self._trust = trust or ssl.create_default_context()

    def send_mail(self, address: str, subject: str, body: str, *, reference: str) -> str | None:
        """Send once; the Message-ID carries ``reference``."""
        message = self._message(address, subject, body, reference)
        with self._connected() as server:
            _expect(server.mail(self._sender), "mail_sender_refused")
            _expect(server.rcpt(address), "mail_refused")
            _expect(server.docmd("DATA"), "mail_refused", wanted=_GOES_AHEAD)
            self._hand_over(server, message.as_bytes(policy=SMTP_POLICY))
        return str(message["Message-ID"]).strip("<>")[:64]

    def _message(self, address: str, subject: str, body: str, reference: str) -> EmailMessage:
        if not address.isascii():
            raise PermanentError("mail_refused", "an address beyond ASCII")
        message = EmailMessage(policy=SMTP_POLICY)
        message["From"] = formataddr((self._name, self._sender))
        message["To"] = address
        message["Subject"] = " ".join(subject.split())
        message["Date"] = localtime()
        message["Message-ID"] = f"<{reference}@{self._sender.rpartition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's holiday answers it
        message.set_content(body, cte="base64")
        return message

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        """A session that may send. What breaks before the message left was certainly not done."""
        server: smtplib.SMTP | None = None
        try:
            server = self._open()
            yield server
        except OutsideError:
            raise
        except ssl.SSLError as error:
            raise PermanentError("mail_not_encrypted", type(error).__name__) from error
        except smtplib.SMTPNotSupportedError as error:
            raise PermanentError("mail_not_encrypted", "no STARTTLS or no AUTH") from error
        except smtplib.SMTPAuthenticationError as error:
            raise _refusal(error.smtp_code, "mail_login_refused") from error
        except smtplib.SMTPResponseException as error:
            raise _refusal(error.smtp_code, "mail_refused") from error
        except (OSError, smtplib.SMTPException) as error:
            raise RetryableError("mail_down", type(error).__name__) from error
        finally:
            if server is not None:
                with suppress(OSError, smtplib.SMTPException):
                    server.quit()
                server.close()

    def _open(self) -> smtplib.SMTP:
        if self._security == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                self._host, self._port, timeout=self._timeout, context=self._trust
            )
        else:
            server = smtplib.SMTP(self._host, self._port, timeout=self._timeout)
        server.ehlo_or_helo_if_needed()
        if self._security == "starttls":
            server.starttls(context=self._trust)
            server.ehlo()
        if self._account is not None:
            server.login(*self._account)
        return server

    @staticmethod
    def _hand_over(server: smtplib.SMTP, data: bytes) -> None:
        """The message itself: from its first byte on nobody knows what became of it until the server says so."""
        quoted = re.sub(rb"(?m)^\.", b"..", data)
        try:
            server.send((quoted if quoted.endswith(b"\r\n") else quoted + b"\r\n") + b".\r\n")
            answer = server.getreply()
        except (OSError, smtplib.SMTPException) as error:
            raise UncertainError("no_answer", type(error).__name__) from error
        _expect(answer, "mail_refused")


class NoMailSender:
    """No mail server is configured: says so instead of pretending."""

    is_configured = False

    def send_mail(self, address: str, subject: str, body: str, *, reference: str) -> str | None:
        """Always PermanentError ``mail_not_configured``."""
        raise PermanentError("mail_not_configured")


def build_mail_sender(settings: Settings) -> MailSender:
    """The sender the settings ask for."""
    if not settings.mail_host:
        return NoMailSender()
    password = settings.mail_password.get_secret_value()
    return SmtpMailSender(
        settings.mail_host,
        settings.mail_port,
        security=settings.mail_security,
        account=(settings.mail_user, password) if settings.mail_user else None,
        sender=settings.mail_from,
        timeout=settings.mail_timeout_seconds,
    )


def _expect(answer: tuple[int, bytes], reason: str, *, wanted: int = _DONE) -> None:
    code = answer[0]
    if code != wanted and not (wanted == _DONE and code == 251):  # 251: will be forwarded
        raise _refusal(code, reason)


def _refusal(code: int, reason: str) -> OutsideError:
    """4yz may pass later (RFC 5321, 4.2.1): a full mailbox, greylisting; anything else stays so."""
    if 400 <= code < 500:
        return RetryableError("mail_later", str(code), after_seconds=60)
    return PermanentError(reason, str(code))

"""A strict mail server for one machine (RFC 5321): what it takes lies in the inbox of the person with that address."""

from __future__ import annotations

import base64
import email
import email.policy
import re
import secrets
import socketserver
import ssl
import threading
import time
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Any, ClassVar

from wechat.sandbox.faults import Fault, Faults
from wechat.sandbox.state import SandboxState

_PATH = re.compile(r"(?i)(FROM|TO):<([^<>\s]{1,254}@[^<>\s@]{1,255})>")
_LONGEST_LINE = 1000  # with its CRLF (RFC 5321, 4.5.3.1.6)
_LARGEST = 1024 * 1024
_NEEDED = ("From", "To", "Subject", "Date", "Message-ID")


class MailServer(socketserver.ThreadingTCPServer):
    """Listens on loopback. With ``tls`` it offers STARTTLS and takes no mail before it; ``account`` must then sign in."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(
        self,
        state: SandboxState,
        faults: Faults,
        port: int = 0,
        *,
        tls: ssl.SSLContext | None = None,
        account: tuple[str, str] | None = None,
    ) -> None:
        self.state, self.faults, self.tls, self.account = state, faults, tls, account
        super().__init__(("127.0.0.1", port), _Session)

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.server_address[1])

    def start(self) -> MailServer:
        """Serve in the background; ``shutdown`` and ``server_close`` end it."""
        threading.Thread(target=self.serve_forever, name="mail", daemon=True).start()
        return self


class _Session(socketserver.StreamRequestHandler):
    """One connection. Commands out of their order are refused (503)."""

    server: MailServer
    timeout = 60
    sender: str | None
    to: list[str]
    fault: Fault | None

    def handle(self) -> None:
        self.greeted = self.secured = self.known = False
        self._forget()
        self._say(220, "sandbox ready")
        while True:
            line = self.rfile.readline(_LONGEST_LINE + 1)
            if not line:
                return
            if len(line) > _LONGEST_LINE or not line.endswith(b"\r\n") or not line.isascii():
                self._say(500, "a line ends with CRLF, is ASCII and not longer than 1000")
                return
            verb, _, rest = line.decode("ascii").strip().partition(" ")
            command = self._COMMANDS.get(verb.upper())
            if command is None:
                self._say(502, "no such command")
            elif not command(self, rest):
                return

    # --- Commands: True to go on ---

    def _ehlo(self, rest: str) -> bool:
        if not rest:
            return self._say(501, "who are you")
        self.greeted = True
        self._forget()
        offers = ["sandbox", f"SIZE {_LARGEST}", "8BITMIME"]
        if self.server.tls is not None and not self.secured:
            offers.append("STARTTLS")
        elif self.server.account is not None:
            offers.append("AUTH PLAIN LOGIN")
        for offer in offers[:-1]:
            self.wfile.write(f"250-{offer}\r\n".encode())
        return self._say(250, offers[-1])

    def _starttls(self, _rest: str) -> bool:
        if self.server.tls is None or self.secured:
            return self._say(502, "not here")
        self._say(220, "go ahead")
        self.connection = self.server.tls.wrap_socket(self.connection, server_side=True)
        self.rfile = self.connection.makefile("rb")
        self.wfile = self.connection.makefile("wb", buffering=0)
        self.secured, self.greeted = True, False  # everything said before is forgotten (RFC 3207)
        return True

    def _auth(self, rest: str) -> bool:
        if self.server.account is None or not self.greeted:
            return self._say(503, "not now")
        if self.server.tls is not None and not self.secured:
            return self._say(538, "not without TLS")
        method, _, first = rest.partition(" ")
        if method.upper() == "PLAIN" and first:
            given = tuple(base64.b64decode(first).decode().split("\0")[1:])
        elif method.upper() == "LOGIN":
            user = base64.b64decode(first).decode() if first else self._ask("VXNlcm5hbWU6")
            given = (user, self._ask("UGFzc3dvcmQ6"))
        else:
            return self._say(504, "PLAIN or LOGIN")
        self.known = given == self.server.account
        return self._say(235, "welcome") if self.known else self._say(535, "wrong")

    def _ask(self, prompt: str) -> str:
        self._say(334, prompt)
        return base64.b64decode(self.rfile.readline(_LONGEST_LINE).strip()).decode()

    def _mail(self, rest: str) -> bool:
        match = _PATH.match(rest)
        if not self.greeted or self.sender is not None:
            return self._say(503, "not now")
        if self.server.tls is not None and not self.secured:
            return self._say(530, "STARTTLS first")
        if self.server.account is not None and not self.known:
            return self._say(530, "sign in first")
        if match is None or match[1].upper() != "FROM":
            return self._say(501, "MAIL FROM:<address>")
        self.sender = match[2]
        return self._say(250, "ok")

    def _rcpt(self, rest: str) -> bool:
        match = _PATH.match(rest)
        if self.sender is None:
            return self._say(503, "MAIL first")
        if match is None or match[1].upper() != "TO":
            return self._say(501, "RCPT TO:<address>")
        self.fault = self.server.faults.take("mail", "", match[2])
        if self.fault is not None and isinstance(self.fault.fault, int):
            return self._say(self.fault.fault, "scripted")
        if self.fault is not None and self.fault.fault == "close_connection":
            return False
        self.to.append(match[2])
        return self._say(250, "ok")

    def _data(self, _rest: str) -> bool:
        if not self.to:
            return self._say(503, "RCPT first")
        self._say(354, "end with a dot")
        lines, size = [], 0
        while (line := self.rfile.readline(_LONGEST_LINE + 1)) != b".\r\n":
            size += len(line)
            if not line or len(line) > _LONGEST_LINE or not line.endswith(b"\r\n") or size > _LARGEST:
                self._say(554, "lines end with CRLF and have 998 bytes at most")
                return False
            lines.append(line[1:] if line.startswith(b".") else line)
        problem = self._keep(b"".join(lines))
        if problem:
            self._forget()
            return self._say(554, problem)
        fault = self.fault
        self._forget()
        if fault is not None and fault.fault in ("timeout_after_accept", "close_after_accept"):
            time.sleep(fault.seconds if fault.fault.startswith("timeout") else 0)
            return False
        return self._say(250, f"kept {secrets.token_hex(6)}")

    def _keep(self, data: bytes) -> str:
        """Put it into the inboxes; what is wrong with it, or nothing."""
        message: Any = email.message_from_bytes(data, policy=email.policy.default)
        missing = [name for name in _NEEDED if not message[name]]
        if missing:
            return f"no {', '.join(missing)}"
        if str(self.sender) not in str(message["From"]) or self.to != [
            one.addr_spec for one in message["To"].addresses
        ]:
            return "headers and envelope differ"
        for address in self.to:
            person = self.server.state.person_of_mail(address)
            self.server.state.add_message(person.id, _described(message, address))
        return ""

    def _reset(self, _rest: str) -> bool:
        self._forget()
        return self._say(250, "ok")

    def _noop(self, _rest: str) -> bool:
        return self._say(250, "ok")

    def _quit(self, _rest: str) -> bool:
        self._say(221, "bye")
        return False

    def _forget(self) -> None:
        self.sender, self.to, self.fault = None, [], None

    def _say(self, code: int, words: str) -> bool:
        self.wfile.write(f"{code} {words}\r\n".encode())
        self.wfile.flush()
        return True

    _COMMANDS: ClassVar[dict[str, Any]] = {
        "EHLO": _ehlo,
        "HELO": _ehlo,
        "STARTTLS": _starttls,
        "AUTH": _auth,
        "MAIL": _mail,
        "RCPT": _rcpt,
        "DATA": _data,
        "RSET": _reset,
        "NOOP": _noop,
        "QUIT": _quit,
    }


def _described(message: EmailMessage, address: str) -> dict[str, Any]:
    body = message.get_body(("plain",))
    return {
        "id": secrets.token_hex(8),
        "channel": "email",
        "address": address,
        "sender": str(message["From"]),
        "title": str(message["Subject"]),
        "body": str(body.get_content()) if body is not None else "",
        "message_id": str(message["Message-ID"]),
        "received_at": datetime.now(UTC).isoformat(timespec="milliseconds"),
    }

"""Faults a test or a person scripts: what goes wrong, in which operation, how many times."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from flask import Response, jsonify, request

OPERATIONS = (
    "token",
    "jscode2session",
    "phone_number",
    "wxacode",
    "subscribe_send",
    "words",
    "web_code",
    "sms",
    "mail",
    "robot",
)
NAMED = (
    "timeout_before_accept",
    "timeout_after_accept",
    "close_connection",
    "close_after_accept",
    "slow",
    "http_500",
    "not_json",
)
MESSAGES = {
    -1: "system error",
    40001: "invalid credential, access_token is invalid or not latest",
    40003: "invalid openid",
    40013: "invalid appid",
    40029: "invalid code",
    40037: "invalid template_id",
    40125: "invalid appsecret",
    40163: "code been used",
    41001: "access_token missing",
    41030: "invalid page",
    42001: "access_token expired",
    43101: "user refuse to accept the msg",
    43107: "subscribe message is banned",
    43108: "concurrent send to one user",
    45009: "reach max api daily quota limit",
    45011: "api minute-quota reach limit, must slower, retry next minute",
    45168: "content has sensitive words",
    61010: "code is expired",
}


@dataclass
class Fault:
    """One scripted fault; ``fault`` is an error code or one of ``NAMED``. ``openid`` narrows it to one
    person.
    """

    operation: str
    fault: int | str
    times: int = 1
    seconds: float = 30.0
    app_id: str = ""
    openid: str = ""


class Faults:
    """The script. Faults of one operation are met in the order they were given."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._script: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Append to the script. ValueError when the operation or the fault is not known."""
        if fault.operation not in OPERATIONS:
            raise ValueError(f"operation must be one of {', '.join(OPERATIONS)}")
        if isinstance(fault.fault, bool) or (not isinstance(fault.fault, int) and fault.fault not in NAMED):
            raise ValueError(f"fault must be an error code or one of {', '.join(NAMED)}")
        with self._lock:
            self._script.append(fault)

    def clear(self) -> None:
        """Nothing goes wrong any more."""
        with self._lock:
            self._script.clear()

    def listed(self) -> list[dict[str, Any]]:
        """What is still to come."""
        with self._lock:
            return [asdict(fault) for fault in self._script]

    def take(self, operation: str, app_id: str, openid: str) -> Fault | None:
        """The fault this request meets, counted down."""
        with self._lock:
            for fault in self._script:
                wanted = fault.operation == operation
                narrowed = fault.app_id not in ("", app_id) or fault.openid not in ("", openid)
                if wanted and not narrowed:
                    fault.times -= 1
                    if fault.times <= 0:
                        self._script.remove(fault)
                    return fault
        return None


def refusal(code: int, message: str = "") -> Response:
    """WeChat's answer with an error code: HTTP 200 and JSON."""
    words = message or MESSAGES.get(code, "refused")
    return jsonify(errcode=code, errmsg=f"{words} rid: {time.time_ns():x}")


def meet(fault: Fault | None, handle: Callable[[], Response]) -> Response:
    """Run a handler under a fault, or without one."""
    if fault is None:
        return handle()
    if isinstance(fault.fault, int):
        return refusal(fault.fault)
    if fault.fault == "slow":
        time.sleep(fault.seconds)
        return handle()
    if fault.fault == "http_500":
        return Response("Internal Server Error", 500)
    if fault.fault == "not_json":
        return Response("<html>502 Bad Gateway</html>", 200, content_type="text/html")
    answer = handle() if fault.fault.endswith("after_accept") else Response()
    if fault.fault.startswith("timeout"):
        time.sleep(fault.seconds)
    _hang_up()
    return answer


def _hang_up() -> None:
    """Close the connection under the answer that is about to be written."""
    import socket

    connection = request.environ.get("werkzeug.socket")
    if connection is not None:
        connection.shutdown(socket.SHUT_RDWR)

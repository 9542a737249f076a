"""A strict stand-in for an OpenAI-compatible server, on loopback: refuses malformed requests, answers badly on demand."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

KEY, MODEL = "sk-stand-in", "stand-in-1"
_FIELDS = {"model", "messages", "response_format", "temperature", "max_tokens", "stream"}
_ROLES = {"system", "user", "assistant"}

Answer = Callable[["_Handler", dict[str, Any]], None]


@dataclass
class StandIn:
    """The server. ``script`` holds how to answer next, one after the other; the last one stays."""

    url: str
    script: list[Answer] = field(default_factory=list)
    requests: list[dict[str, Any]] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)

    def sent(self) -> str:
        """Everything that was ever sent, as text."""
        return json.dumps(self.requests, ensure_ascii=False)


def problem_of(headers: Any, path: str, body: Any) -> str | None:
    """What is wrong with a request by the published contract; None when nothing is."""
    if path != "/v1/chat/completions":
        return "path"
    if headers.get("Authorization") != f"Bearer {KEY}":
        return "key"
    if headers.get_content_type() != "application/json" or not isinstance(body, dict):
        return "content type"
    if set(body) != _FIELDS or body["model"] != MODEL or body["stream"] is not False:
        return "fields"
    if body["response_format"] != {"type": "json_object"} or not 0 < body["max_tokens"] <= 8000:
        return "limits"
    messages = body["messages"]
    if not isinstance(messages, list) or not 2 <= len(messages) <= 4:
        return "messages"
    for message in messages:
        if set(message) != {"role", "content"} or message["role"] not in _ROLES or not message["content"]:
            return "message"
    if messages[0]["role"] != "system" or messages[-1]["role"] != "user":
        return "order"
    if "json" not in messages[0]["content"].lower():  # OpenAI refuses json_object without the word
        return "the word JSON"
    return None


class _Handler(BaseHTTPRequestHandler):
    stand_in: StandIn

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        try:
            body = json.loads(raw)
        except ValueError:
            body = None
        problem = problem_of(self.headers, self.path, body)
        if problem is not None:
            self.stand_in.refusals.append(problem)
            self.reply(401 if problem == "key" else 400, {"error": {"message": problem}})
            return
        self.stand_in.requests.append(body)
        script = self.stand_in.script
        answer = script.pop(0) if len(script) > 1 else script[0]
        with suppress(BrokenPipeError, ConnectionResetError):
            answer(self, body)

    def reply(self, status: int, body: Any, **headers: str) -> None:
        """One whole JSON answer."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(raw)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(raw)


@contextmanager
def serving() -> Iterator[StandIn]:
    """The stand-in on a free port."""
    handler = type("Handler", (_Handler,), {})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    stand_in = StandIn(f"http://127.0.0.1:{server.server_port}/v1")
    handler.stand_in = stand_in  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield stand_in
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


# --- ways to answer ---------------------------------------------------------------------------------------------------


def envelope(content: Any, finish: str = "stop") -> dict[str, Any]:
    """The published shape around one message."""
    message = {"role": "assistant", "content": content}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "model": f"{MODEL}-2026",
        "choices": [{"index": 0, "message": message, "finish_reason": finish}],
    }


def says(content: Any, finish: str = "stop") -> Answer:
    """A message; what is no text goes as JSON."""
    text = content if isinstance(content, str) or content is None else json.dumps(content, ensure_ascii=False)
    return lambda handler, _body: handler.reply(200, envelope(text, finish))


def status(code: int, **headers: str) -> Answer:
    """A refusal."""
    return lambda handler, _body: handler.reply(code, {"error": {"message": "no"}}, **headers)


def raw(body: bytes) -> Answer:
    """200 with these bytes."""
    return lambda handler, _body: handler.reply(200, body)


def slow(seconds: float) -> Answer:
    """Nothing for a while."""

    def answer(handler: _Handler, _body: dict[str, Any]) -> None:
        time.sleep(seconds)
        handler.reply(200, envelope("{}"))

    return answer


def dripping(pause: float) -> Answer:
    """One byte at a time, each soon enough for a per-read limit."""

    def answer(handler: _Handler, _body: dict[str, Any]) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        for _ in range(1000):
            handler.wfile.write(b" ")
            handler.wfile.flush()
            time.sleep(pause)

    return answer


def hang_up(handler: _Handler, _body: dict[str, Any]) -> None:
    """The connection ends in the middle of the answer."""
    handler.send_response(200)
    handler.send_header("Content-Length", "5000")
    handler.end_headers()
    handler.wfile.write(b'{"choices": [')
    handler.wfile.flush()
    handler.connection.shutdown(socket.SHUT_RDWR)


def endless(handler: _Handler, _body: dict[str, Any]) -> None:
    """More than anybody wants to read."""
    handler.send_response(200)
    handler.send_header("Content-Length", str(50_000_000))
    handler.end_headers()
    for _ in range(5000):
        handler.wfile.write(b" " * 10_000)

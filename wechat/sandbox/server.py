"""Puts the stand-in together: one Flask application, served by threads."""

from __future__ import annotations

import logging
from pathlib import Path

from flask import Flask
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from wechat.sandbox.api import WeChatApi
from wechat.sandbox.control import ControlApi
from wechat.sandbox.faults import Faults
from wechat.sandbox.mail import MailServer
from wechat.sandbox.page import page_blueprint
from wechat.sandbox.push import Pusher
from wechat.sandbox.robots import Robots
from wechat.sandbox.state import SandboxState
from wechat.sandbox.tokens import TokenIssuer
from wechat.sandbox.web import WebApi


def create_sandbox(
    *,
    journal: Path | None = None,
    retry_seconds: float = 5.0,
    sms_token: str = "",
    mail_port: int | None = None,
) -> Flask:
    """The stand-in as a Flask application; ``retry_seconds`` is the pause before an event is pushed again.

    With ``mail_port`` (0 takes a free one) mail is taken as well, until the process ends.
    """
    state, tokens, faults = SandboxState(journal), TokenIssuer(), Faults()
    pusher = Pusher(retry_seconds)
    mails = MailServer(state, faults, mail_port).start() if mail_port is not None else None
    app = Flask(__name__)
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.register_blueprint(WeChatApi(state, tokens, faults, pusher).blueprint())
    app.register_blueprint(ControlApi(state, tokens, faults, pusher, sms_token, mails=mails).blueprint())
    app.register_blueprint(Robots(faults).blueprint())
    app.register_blueprint(WebApi(state, faults).blueprint())
    app.register_blueprint(page_blueprint())
    return app


class _Handler(WSGIRequestHandler):
    """Keeps connections open, as the real service does, and logs nothing: URLs carry secrets."""

    protocol_version = "HTTP/1.1"

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Nothing."""


def open_server(app: Flask, host: str, port: int) -> BaseWSGIServer:
    """A threaded server bound to the address; port 0 takes a free one (``server.server_port``)."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    return make_server(host, port, app, threaded=True, request_handler=_Handler)

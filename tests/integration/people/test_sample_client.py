"""The client of the samples keeps its session as any client has to: a long demonstration outlives an access token."""

from __future__ import annotations

from datetime import timedelta
from threading import Thread

import pytest
import time_machine
from werkzeug.serving import make_server

from app.core.clock import utcnow
from samples.client import Api, ApiError
from tests.factories import PASSWORD, World


def test_a_session_outlives_its_access_token(world: World) -> None:
    server = make_server("127.0.0.1", 0, world.app, threaded=True)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        visitor = Api(f"http://127.0.0.1:{server.port}")
        body = {"company": "acme", "email": world.acme.owner_email, "password": PASSWORD}
        session = visitor.post("/sessions", body)
        api = Api(visitor.base_url, session["access_token"], refresh=session["refresh_token"])
        once = visitor.as_bearer(session["access_token"])
        for minutes in (20, 40):
            with time_machine.travel(utcnow() + timedelta(minutes=minutes)):
                assert api.get("/me")["email"] == world.acme.owner_email
        assert api.token != session["access_token"]
        with (
            time_machine.travel(utcnow() + timedelta(minutes=20)),
            pytest.raises(ApiError, match="token_expired"),
        ):
            once.get("/me")
    finally:
        server.shutdown()

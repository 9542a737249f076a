"""What must not be told: to logs, to counters, to whoever asks with somebody else's key, after an erasure."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from structlog.testing import capture_logs

from app.core.clock import utcnow
from app.core.database import db
from app.core.encryption import unseal
from app.core.errors import PermanentError
from app.factory import create_app
from app.http.models import IdempotencyRecord
from app.recordings import queries
from app.users.models import User
from config.settings import Settings
from tenants.keys import erase_candidate_key, tenant_key
from tenants.tenancy import tenant_transaction
from tests.factories import RUBRIC, World, ok, refused
from tests.integration.answering import Answerer, answerer, change, rows

CANDIDATE = {"name": "李明", "phone": "13800138000"}


@pytest.mark.parametrize(
    "path", ["/api/v1/media/{}", "/i/{}", "/i/{}/code", "/api/v1/invitation-links/{}"], ids=lambda path: path
)
def test_a_log_opens_nothing(world: World, world_settings: Settings, path: str) -> None:
    secret = "Abc123" * 5
    app = create_app(world_settings.model_copy(update={"log_level": "INFO"}))
    with capture_logs() as lines:
        app.test_client().get(path.format(secret))
    requests = [line for line in lines if line["event"] == "request"]
    assert [line["path"] for line in requests] == [path.format("*")]
    assert secret not in str(lines)


def test_a_database_error_names_no_values(either_world: World) -> None:
    twice = {"email": "twice@acme.example", "name": "王小明", "role": "lead", "password_hash": "x"}
    acme = either_world.acme.id
    with either_world.app.app_context(), pytest.raises(IntegrityError) as broken, tenant_transaction(acme):
        db.session.add_all([User(**twice), User(**twice)])
    assert "王小明" not in str(broken.value)


def test_a_conflict_in_the_database_asks_to_try_again(
    either_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two requests create the same segment at the same moment: neither has seen the other's."""
    person = answerer(either_world)
    person.start()
    take_id = person.take_id()
    person.upload_at(take_id, 1000)
    monkeypatch.setattr(queries, "find_segment", lambda *_given: None)
    refused(person.create_upload(take_id, 1000), 503, "try_again")


def test_counters_of_sign_ins_hold_no_addresses(world: World) -> None:
    body = {"company": "acme", "email": "somebody@acme.example", "password": "wrong password"}
    refused(world.client.post("/api/v1/sessions", json=body), 401, "sign_in_refused")
    keys = [key.decode() for key in world.app.extensions["valkey"].keys("*")]
    assert any("sign-in" in key for key in keys)
    assert not any("somebody" in key for key in keys)


# --- kept answers -------------------------------------------------------------------------------------------------


def consent(person: Answerer, key: str) -> Any:
    body = {"modality": "recording", "granted": True, "text_version": "2026-11"}
    headers = {**person.headers, "Idempotency-Key": key}
    return person.client.post("/api/v1/candidate/consents", json=body, headers=headers)


def test_a_key_belongs_to_one_invitation(either_world: World) -> None:
    """Somebody invited twice by a company: their second consent is not answered with the first."""
    first = answerer(either_world)
    second = answerer(either_world, candidate_id=first.candidate_id)
    ids = {ok(consent(person, "consent"), 201)["id"] for person in (first, second)}
    assert len(ids) == 2
    assert ok(consent(second, "consent"), 201)["id"] in ids


def test_what_is_answered_to_hr_about_a_candidate_ends_with_the_candidates_key(either_world: World) -> None:
    world, person = either_world, answerer(either_world)
    recruiter = world.staff(world.acme, "recruiter")

    def post(path: str, body: dict[str, Any], key: str) -> Any:
        return world.client.post(path, json=body, headers={**recruiter, "Idempotency-Key": key})

    invited = {
        "candidate_id": person.candidate_id,
        "position_id": world.add_position(world.acme),
        "window_starts_at": utcnow().isoformat(),
        "window_ends_at": (utcnow() + timedelta(days=2)).isoformat(),
    }
    asked = [
        (f"/api/v1/invitations/{person.invitation_id}/thread", {"body": "您好"}),  # by what the path names
        ("/api/v1/invitations", invited),  # by what the answer names
    ]
    for at, (path, body) in enumerate(asked):
        first, again = (post(path, body, str(at)) for _ in range(2))
        assert ok(first, 201) == ok(again, 201)
    created = post("/api/v1/candidates", CANDIDATE, "new")
    kept = rows(world, world.acme, IdempotencyRecord)
    assert [row.candidate_id for row in kept] == [person.candidate_id] * 2 + [ok(created, 201)["id"]]
    with world.app.app_context():
        assert erase_candidate_key(world.acme.id, person.candidate_id)
        for row in kept:
            with pytest.raises(PermanentError):
                unseal(tenant_key(world.acme.id), row.body, f"idempotency:{row.key_hash}")
    for at, (path, body) in enumerate(asked):
        refused(post(path, body, str(at)), 410, "candidate_erased")
    ok(post("/api/v1/positions", {"title": "x", "rubric": RUBRIC}, "other"), 201)
    assert rows(world, world.acme, IdempotencyRecord)[-1].candidate_id is None


def test_a_candidates_kept_answers_end_with_their_key(world: World) -> None:
    person = answerer(world)
    first = ok(consent(person, "consent"), 201)
    [kept] = rows(world, person.company, IdempotencyRecord)
    change(world, person.company, IdempotencyRecord, kept.id, candidate_id=None)  # as before it was named
    assert ok(consent(person, "consent"), 201) == first
    with world.app.app_context():
        assert erase_candidate_key(person.company.id, person.candidate_id)
    refused(consent(person, "consent"), 410, "candidate_erased")
    assert len(rows(world, person.company, IdempotencyRecord)) == 1
    with world.app.app_context(), tenant_transaction(person.company.id):
        assert db.session.scalars(select(IdempotencyRecord.body)).one() is not None

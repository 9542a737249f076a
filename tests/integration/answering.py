"""A bound candidate in a test: through the public API, except for the WeChat binding itself, which has its own tests."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.core.clock import utcnow
from app.core.database import db
from app.core.ids import new_id
from app.invitations.consent import consent_text_version
from app.invitations.models import Invitation
from app.users.sessions import open_session
from tenants.tenancy import tenant_scope, tenant_transaction
from tenants.wechat.apps import register_app
from tests.factories import Company, Headers, World, bearer, ok

APP_ID = "wxsharedapp0000000"
TUS = {"Tus-Resumable": "1.0.0"}
PATCH = {**TUS, "Content-Type": "application/offset+octet-stream"}


@dataclass
class Answerer:
    """A candidate with a session, ready to answer."""

    world: World
    company: Company
    candidate_id: str
    position_id: str
    invitation_id: str
    headers: Headers

    @property
    def client(self) -> FlaskClient:
        return self.world.client

    def consent(self, modality: str = "recording", granted: bool = True) -> TestResponse:
        body = {"modality": modality, "granted": granted, "text_version": consent_text_version()}
        return self.client.post("/api/v1/candidate/consents", json=body, headers=self.headers)

    def start(self) -> Any:
        ok(self.consent(), 201)
        return ok(self.client.post("/api/v1/candidate/interview", headers=self.headers))

    def interview(self) -> Any:
        return ok(self.client.get("/api/v1/candidate/interview", headers=self.headers))

    def answer(self, question_id: str = "q1") -> Any:
        return next(q["answer"] for q in self.interview()["questions"] if q["id"] == question_id)

    def take(self, question_id: str = "q1", medium: str = "video", text: str | None = None) -> TestResponse:
        path = f"/api/v1/candidate/answers/{question_id}/takes"
        return self.client.post(path, json={"medium": medium, "text": text}, headers=self.headers)

    def take_id(self, question_id: str = "q1", medium: str = "video") -> str:
        return str(ok(self.take(question_id, medium), 201)["id"])

    def submit(self, take_id: str, segments: list[dict[str, int]] | None = None) -> TestResponse:
        body = {"segments": segments}
        return self.client.post(f"/api/v1/candidate/takes/{take_id}/submit", json=body, headers=self.headers)

    def finish(self) -> TestResponse:
        return self.client.post("/api/v1/candidate/interview/finish", headers=self.headers)

    # --- uploads ---

    def create_upload(
        self, take_id: str, length: int | str, *, number: int = 1, filetype: str = "video/mp4", **more: Any
    ) -> TestResponse:
        metadata = {"take_id": take_id, "number": number, "filetype": filetype, **more}
        headers = {
            **self.headers,
            **TUS,
            "Upload-Length": str(length),
            "Upload-Metadata": encode_metadata(metadata),
        }
        return self.client.post("/api/v1/uploads", headers=headers)

    def upload_at(self, take_id: str, length: int, *, number: int = 1) -> str:
        answer = self.create_upload(take_id, length, number=number)
        assert answer.status_code == 201, answer.get_data(as_text=True)
        return str(answer.headers["Location"])

    def patch(self, location: str, offset: int, body: bytes, **headers: str) -> TestResponse:
        given = {**self.headers, **PATCH, "Upload-Offset": str(offset), **headers}
        return self.client.patch(location, data=body, headers=given)

    def head(self, location: str) -> TestResponse:
        return self.client.head(location, headers={**self.headers, **TUS})

    def offset(self, location: str) -> int:
        answer = self.head(location)
        assert answer.status_code == 200
        return int(answer.headers["Upload-Offset"])

    def upload(self, take_id: str, content: bytes, *, number: int = 1) -> str:
        """A whole segment; its id."""
        location = self.upload_at(take_id, len(content), number=number)
        answer = self.patch(location, 0, content)
        assert (answer.status_code, answer.headers["Upload-Offset"]) == (204, str(len(content)))
        return location.rpartition("/")[2]


def encode_metadata(metadata: Mapping[str, object]) -> str:
    return ",".join(
        f"{key} {base64.b64encode(str(value).encode()).decode()}" for key, value in metadata.items()
    )


def answerer(world: World, company: Company | None = None, **invited: Any) -> Answerer:
    """Somebody invited by a company (acme by default), bound and signed in, for a position of their own."""
    company = company or world.acme
    with world.app.app_context():
        register_app(APP_ID, "secret", "Shared")
    position_id = invited.pop("position_id", None) or world.add_position(
        company, rubric=invited.pop("rubric", None)
    )
    candidate_id = invited.pop("candidate_id", None) or world.add_candidate(company)
    invitation = world.invite(company, candidate_id, position_id, **invited)
    with world.app.app_context(), tenant_transaction(company.id):
        row = db.session.get_one(Invitation, invitation["id"])
        row.identity_id, row.status, row.bound_at = new_id(), "bound", utcnow()
        claims = {"role": "candidate", "invitation": row.id, "identity": row.identity_id}
        pair = open_session(candidate_id, claims)
    return Answerer(world, company, candidate_id, position_id, invitation["id"], bearer(pair.access_token))


def change(world: World, company: Company, table: type, row_id: str, **values: Any) -> None:
    """Set columns of a row, to stand for time that passed or for a worker's result."""
    with world.app.app_context(), tenant_transaction(company.id):
        row = db.session.get_one(table, row_id)
        for name, value in values.items():
            setattr(row, name, value)


def rows(world: World, company: Company, table: Any, *conditions: Any) -> list[Any]:
    """Rows of a company, detached."""
    with world.app.app_context(), tenant_scope(company.id, read_only=True):
        found = list(db.session.scalars(select(table).where(*conditions)))
        for row in found:
            db.session.expunge(row)
        return found

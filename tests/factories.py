"""A small platform for tests, made and used through its public doors: companies, people, sessions."""

from __future__ import annotations

import itertools
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import TYPE_CHECKING, Any

from apiflask import APIFlask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.core.clock import utcnow
from app.core.database import db, open_scope
from app.core.work import KINDS, Work
from app.operators.service import ensure_operator
from app.ports import WeChatApp
from app.positions.models import Position, PositionMember
from app.users.models import User
from tenants.provisioning import prepare_platform
from tenants.tenancy import hub_scopes, tenant_transaction

if TYPE_CHECKING:
    from tests.integration.wechat.sandbox_client import Someone

PASSWORD = "correct horse battery"
OPERATOR_EMAIL = "operator@platform.example"
ROLES = ("owner", "recruiter", "interviewer", "lead")
_SESSION_SECONDS = 10 * 60  # access tokens last fifteen minutes
_numbers = itertools.count(1)

RUBRIC: dict[str, Any] = {
    "competencies": [
        {
            "key": "sales",
            "name": {"zh-CN": "销售能力", "en": "Sales"},
            "weight": 6000,
            "keywords": [{"word": "客户"}],
        },
        {
            "key": "drive",
            "name": {"zh-CN": "主动性", "en": "Drive"},
            "weight": 4000,
            "keywords": [{"word": "主动"}],
        },
    ],
    "questions": [
        {"id": "q1", "text": "请介绍一次成功的销售经历。", "competencies": ["sales"]},
        {"id": "q2", "text": "请讲一件您主动推动的事。", "competencies": ["drive"]},
    ],
}

# The mini-program that both companies share, and its templates: purpose -> (template id, our field -> WeChat's).
APP = WeChatApp("wx5a1d0c0ffee00001", "0123456789abcdef0123456789abcdef")
TEMPLATES: dict[str, tuple[str, dict[str, str]]] = {
    "invitation": (
        "TplInvitation",
        {"position": "thing1", "company": "thing2", "time": "time3", "note": "thing4"},
    ),
    "reminder_day": ("TplReminderDay", {"position": "thing1", "time": "time2", "note": "thing3"}),
    "reminder_hour": ("TplReminderHour", {"position": "thing1", "time": "time2", "note": "thing3"}),
    "result": ("TplResult", {"position": "thing1", "status": "phrase2", "note": "thing3"}),
    "survey": ("TplSurvey", {"company": "thing1", "note": "thing2"}),
}

Headers = dict[str, str]


def unused_phone() -> str:
    """A mobile number no other call gave out (E.164)."""
    return f"+861380{next(_numbers):07d}"


@dataclass(frozen=True)
class Company:
    """A provisioned tenant and its owner, whose password is PASSWORD."""

    id: str
    slug: str
    owner_id: str

    @property
    def owner_email(self) -> str:
        """The owner's e-mail address."""
        return f"owner@{self.slug}.example"


@dataclass
class World:
    """A running application, its test client and its companies."""

    app: APIFlask
    companies: dict[str, Company] = field(default_factory=dict)
    _sessions: dict[str, tuple[float, Headers]] = field(default_factory=dict)

    @property
    def client(self) -> FlaskClient:
        """A fresh client without cookies."""
        return self.app.test_client()

    @property
    def acme(self) -> Company:
        """The company most tests use."""
        return self.companies["acme"]

    @property
    def globex(self) -> Company:
        """The other company."""
        return self.companies["globex"]

    # --- the platform ---

    def prepare(self) -> None:
        """Build the control plane and the operator."""
        with self.app.app_context():
            prepare_platform()
            ensure_operator(OPERATOR_EMAIL, PASSWORD)
        self.register_app(APP)

    def register_app(self, app: WeChatApp, **more: Any) -> None:
        """Register a mini-program with every template, through the operator's door."""
        path = f"/api/v1/operator/wechat-apps/{app.app_id}"
        body = {"secret": app.secret, "name": "微面", **more}
        ok(self.client.put(path, json=body, headers=self.operator()))
        for purpose, (template_id, fields) in TEMPLATES.items():
            body = {"template_id": template_id, "fields": fields}
            ok(self.client.put(f"{path}/templates/{purpose}", json=body, headers=self.operator()))

    def operator(self) -> Headers:
        """Headers of the operator."""
        body = {"email": OPERATOR_EMAIL, "password": PASSWORD}
        return self._remembered("operator", "/api/v1/operator/sessions", body)

    def add_company(self, slug: str, policy: Mapping[str, Any] | None = None) -> Company:
        """Provision a tenant with its owner through the operator's door."""
        body = {
            "slug": slug,
            "name": f"{slug.capitalize()} 公司",
            "owner": {"email": f"owner@{slug}.example", "name": "王所有", "password": PASSWORD},
            "policy": dict(policy or {}),
        }
        made = ok(self.client.post("/api/v1/operator/tenants", json=body, headers=self.operator()), 201)
        self.companies[slug] = Company(made["id"], slug, made["owner_id"])
        return self.companies[slug]

    # --- people of a company ---

    def sign_in(self, company: Company, email: str | None = None, password: str = PASSWORD) -> Headers:
        """Headers of somebody of a company; the owner by default. Remembered."""
        email = email or company.owner_email
        body = {"company": company.slug, "email": email, "password": password}
        return self._remembered(f"{company.slug}/{email}", "/api/v1/sessions", body)

    def staff(self, company: Company, role: str) -> Headers:
        """Headers of a person with a role, added on first use."""
        email = f"{role}@{company.slug}.example"
        if role != "owner" and f"{company.slug}/{email}" not in self._sessions:
            body = {"email": email, "name": f"{role} 李", "role": role, "password": PASSWORD}
            answer = self.client.post("/api/v1/users", json=body, headers=self.sign_in(company))
            assert answer.status_code in {201, 409}, answer.json
        return self.sign_in(company, email)

    def colleague(self, company: Company, role: str) -> Headers:
        """Headers of a person with a role who is a member of every position there is by now."""
        headers = self.staff(company, role)
        with self.app.app_context(), tenant_transaction(company.id):
            email = f"{role}@{company.slug}.example"
            user_id = db.session.scalars(select(User.id).where(User.email == email)).one()
            joined = select(PositionMember.position_id).where(PositionMember.user_id == user_id)
            for position_id in db.session.scalars(
                select(Position.id).where(Position.id.not_in(joined))
            ).all():
                member = PositionMember(position_id=position_id, user_id=user_id, added_by=company.owner_id)
                db.session.add(member)
        return headers

    def _remembered(self, key: str, path: str, body: Mapping[str, str]) -> Headers:
        since, headers = self._sessions.get(key, (0.0, {}))
        if not headers or abs(time.time() - since) > _SESSION_SECONDS:
            headers = bearer(ok(self.client.post(path, json=body), 201)["access_token"])
            self._sessions[key] = (time.time(), headers)
        return headers

    def like(self, template: World) -> World:
        """Know the companies and sessions of a world whose databases this one shares or copied."""
        self.companies = dict(template.companies)
        self._sessions = dict(template._sessions)
        return self

    # --- positions, candidates, invitations ---

    def add_position(
        self, company: Company, title: str = "销售代表", rubric: Mapping[str, Any] | None = None
    ) -> str:
        """A position; its id."""
        body = {"title": title, "rubric": dict(rubric or RUBRIC)}
        return self.create("/api/v1/positions", body, self.staff(company, "recruiter"))["id"]

    def add_candidate(self, company: Company, phone: str | None = None, **more: Any) -> str:
        """The candidate with this phone; their id."""
        body = {"name": "李明", "phone": phone or unused_phone(), **more}
        answer = self.client.post("/api/v1/candidates", json=body, headers=self.staff(company, "recruiter"))
        return ok(answer, 200 if answer.status_code == 200 else 201)["id"]

    def invite(
        self, company: Company, candidate_id: str, position_id: str, *, hours: float = 48.0, **more: Any
    ) -> dict[str, Any]:
        """An invitation whose window began a moment ago and lasts ``hours``; the API's answer."""
        now = datetime.now(UTC)
        body = {
            "candidate_id": candidate_id,
            "position_id": position_id,
            "window_starts_at": (now - timedelta(minutes=1)).isoformat(),
            "window_ends_at": (now + timedelta(hours=hours)).isoformat(),
            **more,
        }
        return self.create("/api/v1/invitations", body, self.staff(company, "recruiter"))

    # --- candidates inside WeChat ---

    def visit(self, person: Someone, app: WeChatApp = APP) -> Headers:
        """Headers of a person of the sandbox who opened a mini-program."""
        body = {"app_id": app.app_id, "code": person.login_code(app)}
        return bearer(ok(self.client.post("/api/v1/wechat/sessions", json=body), 201)["access_token"])

    def accept(self, invitation: Mapping[str, Any], person: Someone, app: WeChatApp = APP) -> Headers:
        """Headers of the candidate: the person opens the invitation and proves the phone through WeChat."""
        path = f"/api/v1/invitation-links/{invitation['token']}/bindings"
        body = {"phone_code": person.phone_code(app)}
        answer = self.client.post(path, json=body, headers=self.visit(person, app))
        return bearer(ok(answer, 201)["access_token"])

    # --- work ---

    def due(self, *kinds: str) -> list[tuple[str, str, str]]:
        """(kind, tenant id, entity id) of the work that is due now and not held."""
        found: list[tuple[str, str, str]] = []
        free = (Work.due_at <= utcnow(), Work.holder.is_(None), Work.kind.in_(kinds or KINDS))
        with self.app.app_context():
            for scope in hub_scopes():
                with open_scope(scope):
                    rows = db.session.execute(select(Work.kind, Work.tenant_id, Work.entity_id).where(*free))
                    found += [(kind, tenant_id, entity_id) for kind, tenant_id, entity_id in rows]
        return sorted(found)

    def perform(self, *kinds: str) -> int:
        """Do the due work of these kinds (of every kind by default) here and now; how much there was."""
        work = self.due(*kinds)
        for kind, tenant_id, entity_id in work:
            module, _, name = KINDS[kind].job.rpartition(".")
            with self.app.app_context():
                getattr(import_module(module), name)(tenant_id, entity_id)
        return len(work)

    def create(self, path: str, body: Any, headers: Headers, status: int = 201) -> Any:
        """POST something that is created; the answer."""
        return ok(self.client.post(path, json=body, headers=headers), status)


def bearer(token: str) -> Headers:
    """Headers that carry an access token."""
    return {"Authorization": f"Bearer {token}"}


def ok(answer: TestResponse, status: int = 200) -> Any:
    """The body of an answer that must have this status."""
    assert answer.status_code == status, (answer.status_code, answer.get_data(as_text=True))
    return answer.json


def refused(answer: TestResponse, status: int, code: str) -> Any:
    """The problem of an answer that must be this refusal, with words for a person."""
    body = answer.json
    assert answer.status_code == status and body is not None, (
        answer.status_code,
        answer.get_data(as_text=True),
    )
    assert answer.content_type == "application/problem+json"
    assert body["code"] == code, body
    assert body["title"] and body["detail"] and body["next"]
    return body

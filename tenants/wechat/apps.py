"""Mini-programs and official accounts with their secrets, and the templates of their messages."""

from __future__ import annotations

import json
from dataclasses import dataclass

from sqlalchemy import or_, select, update

from app.core.database import db
from app.core.errors import NotFound
from app.ports import WeChatApp
from tenants.keys import seal_secret, unseal_secret
from tenants.models import WeChatAppRow, WeChatTemplate
from tenants.tenancy import control_scope

MINI_PROGRAM, OFFICIAL_ACCOUNT = "mini_program", "official_account"


@dataclass(frozen=True)
class AppRecord:
    """A mini-program or official account with its secrets in plain."""

    app_id: str
    kind: str
    name: str
    tenant_id: str | None
    secret: str
    push_token: str | None
    push_aes_key: str | None
    consent_source: str

    @property
    def app(self) -> WeChatApp:
        """What the gateway needs."""
        return WeChatApp(self.app_id, self.secret)


@dataclass(frozen=True)
class TemplateRecord:
    """A template of an app: ``fields`` maps our field names to WeChat's (``position`` -> ``thing1``)."""

    app_id: str
    template_id: str
    purpose: str
    fields: dict[str, str]
    status: str


def register_app(
    app_id: str,
    secret: str,
    name: str,
    *,
    kind: str = MINI_PROGRAM,
    tenant_id: str | None = None,
    push_token: str | None = None,
    push_aes_key: str | None = None,
) -> AppRecord:
    """Create or update a mini-program. With message push configured, WeChat's events count the consents."""
    with control_scope():
        row = db.session.get(WeChatAppRow, app_id)
        if row is None:
            row = WeChatAppRow(app_id=app_id)
            db.session.add(row)
        row.kind, row.tenant_id, row.name = kind, tenant_id, name
        row.secret_sealed = seal_secret(secret, f"wechat:{app_id}")
        row.push_token_sealed = seal_secret(push_token, f"wechat:{app_id}") if push_token else None
        row.push_aes_key_sealed = seal_secret(push_aes_key, f"wechat:{app_id}") if push_aes_key else None
        row.consent_source = "event" if push_token and push_aes_key else "client"
        db.session.commit()
    return get_app(app_id)


def get_app(app_id: str) -> AppRecord:
    """A mini-program by app id. Raises NotFound ``wechat_app_unknown``."""
    with control_scope(read_only=True):
        row = db.session.get(WeChatAppRow, app_id)
        if row is None:
            raise NotFound("wechat_app_unknown")
        return _app_record(row)


def app_for_tenant(tenant_id: str) -> AppRecord:
    """The tenant's own mini-program, else the platform's shared one. Raises NotFound ``wechat_app_missing``."""
    found = _app_of(MINI_PROGRAM, tenant_id)
    if found is None:
        raise NotFound("wechat_app_missing")
    return found


def official_account_for(tenant_id: str | None) -> AppRecord | None:
    """The tenant's own official account, else the platform's shared one (the only one for None), or None."""
    return _app_of(OFFICIAL_ACCOUNT, tenant_id)


def _app_of(kind: str, tenant_id: str | None) -> AppRecord | None:
    with control_scope(read_only=True):
        rows = db.session.scalars(
            select(WeChatAppRow)
            .where(
                WeChatAppRow.kind == kind,
                or_(WeChatAppRow.tenant_id == tenant_id, WeChatAppRow.tenant_id.is_(None)),
            )
            .order_by(WeChatAppRow.created_at)
        ).all()
        own = [row for row in rows if row.tenant_id is not None]
        return _app_record((own or list(rows))[0]) if rows else None


def _app_record(row: WeChatAppRow) -> AppRecord:
    context = f"wechat:{row.app_id}"
    opened = [
        unseal_secret(s, context) if s else None for s in (row.push_token_sealed, row.push_aes_key_sealed)
    ]
    secret = unseal_secret(row.secret_sealed, context)
    return AppRecord(
        row.app_id, row.kind, row.name, row.tenant_id, secret, opened[0], opened[1], row.consent_source
    )


def register_template(app_id: str, template_id: str, purpose: str, fields: dict[str, str]) -> None:
    """Say which template of an app carries one purpose, and how our fields map to its fields."""
    with control_scope():
        row = db.session.execute(
            select(WeChatTemplate).where(WeChatTemplate.app_id == app_id, WeChatTemplate.purpose == purpose)
        ).scalar_one_or_none()
        if row is None:
            row = WeChatTemplate(app_id=app_id, purpose=purpose)
            db.session.add(row)
        row.template_id, row.fields_json, row.status, row.problem = (
            template_id,
            json.dumps(fields),
            "active",
            None,
        )
        db.session.commit()


def templates_of(app_id: str) -> list[TemplateRecord]:
    """Every template of an app."""
    with control_scope(read_only=True):
        rows = db.session.scalars(select(WeChatTemplate).where(WeChatTemplate.app_id == app_id)).all()
        return [
            TemplateRecord(r.app_id, r.template_id, r.purpose, json.loads(r.fields_json), r.status)
            for r in rows
        ]


def find_template(app_id: str, purpose: str) -> TemplateRecord | None:
    """The active template for a purpose, or None."""
    found = [t for t in templates_of(app_id) if t.purpose == purpose and t.status == "active"]
    return found[0] if found else None


def disable_template(app_id: str, template_id: str, reason: str) -> None:
    """Stop using a template that WeChat refuses; a person must look at it."""
    with control_scope():
        db.session.execute(
            update(WeChatTemplate)
            .where(WeChatTemplate.app_id == app_id, WeChatTemplate.template_id == template_id)
            .values(status="disabled", problem=reason)
        )
        db.session.commit()

"""What the platform's operators can do: make and suspend companies, register mini-programs.

An operator has no tenant and sees no tenant's data. Each function opens and commits its own short transactions.
"""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog
from flask_jwt_extended import create_access_token
from sqlalchemy.exc import IntegrityError

from app.audits.service import Actor, record, start_chain
from app.core.database import db
from app.core.errors import Conflict, InvalidInput, NotAuthenticated
from app.operators.queries import find_operator
from app.policies.service import ensure_policy
from app.surveys.service import ensure_default_survey
from app.users.passwords import hash_password, is_password
from app.users.service import ensure_owner
from tenants.models import Operator
from tenants.provisioning import activate_tenant, provision_tenant, set_tenant_status
from tenants.tenancy import (
    TenantRecord,
    control_scope,
    control_transaction,
    get_tenant,
    provisioning_transaction,
)
from tenants.wechat.apps import get_app, register_app, register_template

PURPOSES = ("invitation", "reminder_day", "reminder_hour", "status", "result", "survey", "reply", "appeal")
log = structlog.get_logger("operators")
_APP_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
SESSION_LIFETIME = timedelta(hours=1)
# Alembic keeps its state in module globals, so one process builds one schema at a time.
_provisioning = threading.Lock()


@dataclass(frozen=True)
class Owner:
    """Who will own a new company."""

    email: str
    name: str
    password: str


def sign_in(email: str, password: str) -> str:
    """An operator's access token. Raises NotAuthenticated ``sign_in_refused``, after the same amount of work."""
    with control_scope(read_only=True):
        operator = find_operator(email)
        found = None if operator is None else (operator.id, operator.password_hash)
    if not is_password(found[1] if found else None, password) or found is None:
        raise NotAuthenticated("sign_in_refused")
    return create_access_token(
        found[0], expires_delta=SESSION_LIFETIME, additional_claims={"role": "operator"}
    )


def ensure_operator(email: str, password: str) -> str:
    """The operator of this address with this password, made or changed when needed. Returns the id."""
    with control_transaction():
        operator = find_operator(email)
        if operator is None:
            operator = Operator(email=email.strip().lower(), password_hash=hash_password(password))
            db.session.add(operator)
        elif not is_password(operator.password_hash, password):
            operator.password_hash = hash_password(password)
        db.session.flush()
        return operator.id


def create_tenant(
    actor: Actor, *, slug: str, name: str, owner: Owner, policy: dict[str, Any]
) -> tuple[TenantRecord, str]:
    """A company that is ready to work: (its registry row, the owner's id).

    Repeating it after a crash finishes the work. Raises Conflict ``slug_taken``, InvalidInput ``slug_invalid``.
    """
    with _provisioning:
        try:
            tenant = provision_tenant(slug, name)
        except IntegrityError as error:  # another process registered the slug at this moment
            raise Conflict("slug_taken", slug=slug) from error
        with provisioning_transaction(tenant):
            start_chain()
            ensure_policy(policy)
            ensure_default_survey()
            owner_id = ensure_owner(email=owner.email, name=owner.name, password=owner.password).id
            record(actor, "tenant.created", "tenant", tenant.id)
        return activate_tenant(tenant.id), owner_id


def change_status(actor: Actor, tenant_id: str, status: str) -> None:
    """Suspend or resume. Raises NotFound ``tenant_unknown``, Conflict ``tenant_not_ready``."""
    if get_tenant(tenant_id).status not in {"active", "suspended"}:
        raise Conflict("tenant_not_ready")
    set_tenant_status(tenant_id, status)
    log.info("tenant_status_changed", operator=actor.id, tenant=tenant_id, status=status)


def put_app(actor: Actor, app_id: str, *, tenant_id: str | None, **values: Any) -> dict[str, Any]:
    """Register a mini-program or replace its registration; what may be shown of it.

    Raises InvalidInput ``wechat_app_id_invalid``, NotFound ``tenant_unknown``.
    """
    if not _APP_ID.fullmatch(app_id):
        raise InvalidInput("wechat_app_id_invalid")
    if tenant_id is not None:
        get_tenant(tenant_id)
    app = register_app(app_id, tenant_id=tenant_id, **values)
    log.info("wechat_app_registered", operator=actor.id, app=app_id, tenant=tenant_id)
    return {
        "app_id": app.app_id,
        "kind": app.kind,
        "name": app.name,
        "tenant_id": app.tenant_id,
        "consent_source": app.consent_source,
    }


def put_template(app_id: str, purpose: str, template_id: str, fields: dict[str, str]) -> dict[str, Any]:
    """Say which template of a mini-program carries a purpose.

    Raises NotFound ``wechat_app_unknown``, InvalidInput ``purpose_unknown``, Conflict ``template_taken``.
    """
    if purpose not in PURPOSES:
        raise InvalidInput("purpose_unknown", purposes=", ".join(PURPOSES))
    get_app(app_id)
    try:
        register_template(app_id, template_id, purpose, fields)
    except IntegrityError as error:
        raise Conflict("template_taken") from error
    return {"template_id": template_id, "purpose": purpose, "fields": fields, "status": "active"}

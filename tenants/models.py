"""The control plane's own tables: tenants, wrapped keys, operators."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.clock import utcnow
from app.core.columns import Sealed, UtcDateTime, ascii_string, id_type
from app.core.database import ControlModel
from app.core.ids import new_id


class Tenant(ControlModel):
    """One company. Only an ``active`` row lets anybody in.

    ``status``: provisioning -> active <-> suspended -> erased; ``failed`` keeps the reason of a broken provisioning.
    ``link_key`` opens every link and key we hand out for this tenant, so that the tenant is known from a credential.
    """

    __tablename__ = "tenant"

    id: Mapped[str] = mapped_column(id_type(), primary_key=True, default=new_id)
    slug: Mapped[str] = mapped_column(ascii_string(40), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    status: Mapped[str] = mapped_column(ascii_string(20), default="provisioning")
    server: Mapped[str] = mapped_column(ascii_string(40))
    schema_name: Mapped[str] = mapped_column(ascii_string(64), unique=True)
    link_key: Mapped[str] = mapped_column(ascii_string(6), unique=True)
    revision: Mapped[str | None] = mapped_column(ascii_string(40))
    problem: Mapped[str | None] = mapped_column(String(500))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime(), default=utcnow)


class WrappedKey(ControlModel):
    """A wrapped data key, kept apart from the tenants' schemas and their backups (P1).

    ``subject_id`` is the tenant's own id for its key (wrapped by the master key), or a candidate's id (wrapped by the
    tenant's key). Deleting the row erases what the key sealed.
    """

    __tablename__ = "wrapped_key"

    tenant_id: Mapped[str] = mapped_column(id_type(), primary_key=True)
    subject_id: Mapped[str] = mapped_column(id_type(), primary_key=True)
    wrapped: Mapped[bytes] = mapped_column(Sealed())
    created_at: Mapped[datetime] = mapped_column(UtcDateTime(), default=utcnow)


class Operator(ControlModel):
    """A person who runs the platform: may provision and suspend tenants, sees no tenant's data."""

    __tablename__ = "operator"

    id: Mapped[str] = mapped_column(id_type(), primary_key=True, default=new_id)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    password_hash: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime(), default=utcnow)


class WeChatAppRow(ControlModel):
    """A mini-program or official account (``kind``): shared by the platform's tenants (``tenant_id`` None) or one
    tenant's own (T4).

    ``consent_source`` says who counts a subscribe consent, exactly once: ``event`` (WeChat's popup event, when
    message push is configured) or ``client`` (what the mini-program reports).
    """

    __tablename__ = "wechat_app"

    app_id: Mapped[str] = mapped_column(ascii_string(64), primary_key=True)
    kind: Mapped[str] = mapped_column(ascii_string(20), default="mini_program")
    tenant_id: Mapped[str | None] = mapped_column(id_type())
    name: Mapped[str] = mapped_column(String(60))
    secret_sealed: Mapped[bytes] = mapped_column(Sealed())
    push_token_sealed: Mapped[bytes | None] = mapped_column(Sealed())
    push_aes_key_sealed: Mapped[bytes | None] = mapped_column(Sealed())
    consent_source: Mapped[str] = mapped_column(ascii_string(10), default="client")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime(), default=utcnow)


class WeChatTemplate(ControlModel):
    """A subscribe-message template of an app. ``purpose`` is our message kind; ``fields`` maps our field to WeChat's."""

    __tablename__ = "wechat_template"
    __table_args__ = (UniqueConstraint("app_id", "template_id"), UniqueConstraint("app_id", "purpose"))

    id: Mapped[str] = mapped_column(id_type(), primary_key=True, default=new_id)
    app_id: Mapped[str] = mapped_column(ascii_string(64))
    template_id: Mapped[str] = mapped_column(ascii_string(64))
    purpose: Mapped[str] = mapped_column(ascii_string(40))
    fields_json: Mapped[str] = mapped_column(String(2000))
    status: Mapped[str] = mapped_column(ascii_string(20), default="active")
    problem: Mapped[str | None] = mapped_column(ascii_string(60))


class Identity(ControlModel):
    """A person as one mini-program or official account knows them; an equal ``unionid`` is the same person."""

    __tablename__ = "identity"
    __table_args__ = (UniqueConstraint("app_id", "openid"),)

    id: Mapped[str] = mapped_column(id_type(), primary_key=True, default=new_id)
    app_id: Mapped[str] = mapped_column(ascii_string(64))
    openid: Mapped[str] = mapped_column(ascii_string(64))
    unionid: Mapped[str | None] = mapped_column(ascii_string(64), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime(), default=utcnow)


class Membership(ControlModel):
    """An identity's place in a tenant: as the candidate ``subject_id`` or the user ``subject_id``."""

    __tablename__ = "membership"
    __table_args__ = (UniqueConstraint("identity_id", "tenant_id", "kind", "subject_id"),)

    id: Mapped[str] = mapped_column(id_type(), primary_key=True, default=new_id)
    identity_id: Mapped[str] = mapped_column(id_type(), index=True)
    tenant_id: Mapped[str] = mapped_column(id_type())
    kind: Mapped[str] = mapped_column(ascii_string(10))
    subject_id: Mapped[str] = mapped_column(id_type())
    created_at: Mapped[datetime] = mapped_column(UtcDateTime(), default=utcnow)


class SubscriptionBalance(ControlModel):
    """How many subscribe messages of one template one person has agreed to and not yet received (N2)."""

    __tablename__ = "subscription_balance"

    app_id: Mapped[str] = mapped_column(ascii_string(64), primary_key=True)
    openid: Mapped[str] = mapped_column(ascii_string(64), primary_key=True)
    template_id: Mapped[str] = mapped_column(ascii_string(64), primary_key=True)
    remaining: Mapped[int] = mapped_column(default=0)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime(), default=utcnow, onupdate=utcnow)


class SubscriptionEntry(ControlModel):
    """The ledger behind the balance: every change with its source; ``source_key`` makes each count once."""

    __tablename__ = "subscription_entry"
    __table_args__ = (Index("ix_subscription_entry_person", "app_id", "openid", "template_id"),)

    id: Mapped[str] = mapped_column(id_type(), primary_key=True, default=new_id)
    app_id: Mapped[str] = mapped_column(ascii_string(64))
    openid: Mapped[str] = mapped_column(ascii_string(64))
    template_id: Mapped[str] = mapped_column(ascii_string(64))
    change: Mapped[int] = mapped_column()
    source: Mapped[str] = mapped_column(ascii_string(20))
    source_key: Mapped[str] = mapped_column(ascii_string(160), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime(), default=utcnow)


class MessageRoute(ControlModel):
    """Which tenant's message a send of ours was, so that WeChat's events find it.

    Written before the call; ``msgid`` is filled when WeChat gives one.
    """

    __tablename__ = "message_route"
    __table_args__ = (Index("ix_message_route_person", "app_id", "openid", "template_id"),)

    attempt_id: Mapped[str] = mapped_column(id_type(), primary_key=True)
    app_id: Mapped[str] = mapped_column(ascii_string(64))
    openid: Mapped[str] = mapped_column(ascii_string(64))
    template_id: Mapped[str] = mapped_column(ascii_string(64))
    tenant_id: Mapped[str] = mapped_column(id_type())
    message_id: Mapped[str] = mapped_column(id_type())
    msgid: Mapped[str | None] = mapped_column(ascii_string(64), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime(), default=utcnow)


class PushEvent(ControlModel):
    """One verified WeChat callback event, stored before we answer; handled by a job, once."""

    __tablename__ = "push_event"

    id: Mapped[str] = mapped_column(id_type(), primary_key=True, default=new_id)
    app_id: Mapped[str] = mapped_column(ascii_string(64))
    dedupe_key: Mapped[str] = mapped_column(ascii_string(160), unique=True)
    kind: Mapped[str] = mapped_column(ascii_string(40))
    body: Mapped[str] = mapped_column(String(4000))
    received_at: Mapped[datetime] = mapped_column(UtcDateTime(), default=utcnow)
    handled_at: Mapped[datetime | None] = mapped_column(UtcDateTime())

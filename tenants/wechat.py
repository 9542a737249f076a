"""WeChat in the control plane: apps, templates, identities, memberships and the subscription ledger.

Many tenants share one mini-program, so who a person is and what they agreed to receive belongs to the app, not to a
tenant. Every function here opens and commits its own short control transaction, and may be repeated.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, or_, select, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.exc import IntegrityError

from app.core.clock import utcnow
from app.core.database import db
from app.core.errors import Conflict, NotFound
from app.ports import WeChatApp, WeChatIdentity
from tenants.keys import seal_secret, unseal_secret
from tenants.models import (
    Identity,
    Membership,
    MessageRoute,
    SubscriptionBalance,
    SubscriptionEntry,
    WeChatAppRow,
    WeChatTemplate,
)
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


# --- apps and templates ------------------------------------------------------------------------------------------


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


# --- identities ---------------------------------------------------------------------------------------------------


def upsert_identity(identity: WeChatIdentity) -> str:
    """The id of this (app, openid); made on first sight."""
    for _ in range(2):
        try:
            with control_scope():
                row = db.session.execute(
                    select(Identity).where(
                        Identity.app_id == identity.app_id, Identity.openid == identity.openid
                    )
                ).scalar_one_or_none()
                if row is None:
                    row = Identity(app_id=identity.app_id, openid=identity.openid)
                    db.session.add(row)
                if identity.unionid:
                    row.unionid = identity.unionid
                db.session.commit()
                return row.id
        except IntegrityError:  # another request made it at the same moment
            continue
    raise Conflict("try_again")


def get_identity(identity_id: str) -> WeChatIdentity:
    """Who an identity is. Raises NotFound ``identity_unknown``."""
    with control_scope(read_only=True):
        row = db.session.get(Identity, identity_id)
        if row is None:
            raise NotFound("identity_unknown")
        return WeChatIdentity(row.app_id, row.openid, row.unionid)


@dataclass(frozen=True)
class Person:
    """One person as every app that shares their unionid knows them.

    ``identities`` are ids of all of them; ``accounts`` those of official accounts, whose memberships were each made by a
    code; ``places`` the (tenant id, candidate id) of all, oldest first. ``owner`` is the company whose own app said who
    it is: what a company's app says counts in that company only, because the company holds its secret (T1).
    """

    identities: frozenset[str]
    accounts: frozenset[str]
    places: tuple[tuple[str, str], ...]
    proven: frozenset[tuple[str, str]]
    owner: str | None = None

    def counts_in(self, tenant_id: str) -> bool:
        """Whether a company takes the word of the app that said who this is: the platform's, or its own."""
        return self.owner in {None, tenant_id}

    def is_proven(self, tenant_id: str, candidate_id: str) -> bool:
        """Whether this person once proved, in an official account, to be this candidate."""
        return (tenant_id, candidate_id) in self.proven


def find_person(identity_id: str) -> Person:
    """Whoever an identity is, with all their identities. An unknown one is nobody else."""
    with control_scope(read_only=True):
        row = db.session.get(Identity, identity_id)
        ids = {identity_id}
        if row is not None and row.unionid:
            ids |= set(db.session.scalars(select(Identity.id).where(Identity.unionid == row.unionid)))
        apps = {
            found.id: found
            for found in db.session.execute(
                select(Identity.id, WeChatAppRow.kind, WeChatAppRow.tenant_id)
                .join(WeChatAppRow, WeChatAppRow.app_id == Identity.app_id)
                .where(Identity.id.in_(ids))
            )
        }
        owner = apps[identity_id].tenant_id if identity_id in apps else None
        accounts = frozenset(one for one, app in apps.items() if app.kind == OFFICIAL_ACCOUNT)
        known = select(Membership).where(Membership.identity_id.in_(ids), Membership.kind == "candidate")
        if owner is not None:
            known = known.where(Membership.tenant_id == owner)
        members = db.session.scalars(known.order_by(Membership.created_at)).all()
        return Person(
            identities=frozenset(ids),
            accounts=accounts,
            places=tuple(dict.fromkeys((one.tenant_id, one.subject_id) for one in members)),
            proven=frozenset(
                (one.tenant_id, one.subject_id) for one in members if one.identity_id in accounts
            ),
            owner=owner,
        )


def add_membership(identity_id: str, tenant_id: str, kind: str, subject_id: str) -> None:
    """Remember that an identity is this candidate or user of a tenant."""
    try:
        with control_scope():
            db.session.add(
                Membership(identity_id=identity_id, tenant_id=tenant_id, kind=kind, subject_id=subject_id)
            )
            db.session.commit()
    except IntegrityError:
        return


def remove_memberships(tenant_id: str, kind: str, subject_id: str) -> None:
    """Forget whose WeChat an erased candidate or removed user of a tenant was."""
    with control_scope():
        db.session.execute(
            delete(Membership).where(
                Membership.tenant_id == tenant_id,
                Membership.kind == kind,
                Membership.subject_id == subject_id,
            )
        )
        db.session.commit()


def forget_proofs(tenant_id: str, candidate_id: str) -> None:
    """Forget who proved in an official account to be this candidate: they prove it again."""
    accounts = (
        select(Identity.id)
        .join(WeChatAppRow, WeChatAppRow.app_id == Identity.app_id)
        .where(WeChatAppRow.kind == OFFICIAL_ACCOUNT)
    )
    with control_scope():
        members = db.session.scalars(
            select(Membership).where(
                Membership.tenant_id == tenant_id,
                Membership.kind == "candidate",
                Membership.subject_id == candidate_id,
                Membership.identity_id.in_(accounts),
            )
        )
        for member in members:
            db.session.delete(member)
        db.session.commit()


def memberships_of(identity_id: str) -> list[tuple[str, str, str]]:
    """(tenant id, kind, subject id) of an identity, oldest first."""
    with control_scope(read_only=True):
        rows = db.session.scalars(
            select(Membership).where(Membership.identity_id == identity_id).order_by(Membership.created_at)
        ).all()
        return [(row.tenant_id, row.kind, row.subject_id) for row in rows]


# --- the subscription ledger (N2) -------------------------------------------------------------------------------------


def add_consent(identity: WeChatIdentity, template_id: str, *, source: str, source_key: str) -> bool:
    """Count one accepted subscription. False when this very consent was counted before."""
    return _change(identity, template_id, +1, source, source_key)


def return_consent(identity: WeChatIdentity, template_id: str, *, attempt_id: str) -> bool:
    """Give back a consent that a certainly unsent message had taken."""
    return _change(identity, template_id, +1, "returned", f"returned:{attempt_id}")


def take_consent(identity: WeChatIdentity, template_id: str, *, attempt_id: str) -> bool:
    """Take one consent for one attempt to send, once however often it is asked. False when none is left."""
    if _counted(f"sent:{attempt_id}"):
        return True
    with control_scope():
        taken = db.session.execute(
            update(SubscriptionBalance)
            .where(*_person(SubscriptionBalance, identity, template_id), SubscriptionBalance.remaining > 0)
            .values(remaining=SubscriptionBalance.remaining - 1, updated_at=utcnow())
            .execution_options(synchronize_session=False)
        )
        assert isinstance(taken, CursorResult)
        if taken.rowcount != 1:
            return False
        db.session.add(_entry(identity, template_id, -1, "sent", f"sent:{attempt_id}"))
        db.session.commit()
        return True


def clear_consents(identity: WeChatIdentity, template_id: str, *, source_key: str) -> None:
    """WeChat says none is left (43101) or the person switched the template off: the balance becomes zero, once."""
    if _counted(source_key):
        return
    with control_scope():
        row = db.session.get(SubscriptionBalance, (identity.app_id, identity.openid, template_id))
        if row is not None and row.remaining:
            db.session.add(_entry(identity, template_id, -row.remaining, "cleared", source_key))
            row.remaining = 0
            db.session.commit()


def remaining_consents(identity: WeChatIdentity) -> dict[str, int]:
    """Messages left by template id."""
    with control_scope(read_only=True):
        rows = db.session.scalars(
            select(SubscriptionBalance).where(
                SubscriptionBalance.app_id == identity.app_id, SubscriptionBalance.openid == identity.openid
            )
        ).all()
        return {row.template_id: row.remaining for row in rows}


def _change(identity: WeChatIdentity, template_id: str, change: int, source: str, source_key: str) -> bool:
    for attempt in range(2):
        try:
            with control_scope():
                db.session.add(_entry(identity, template_id, change, source, source_key))
                db.session.flush()
                row = db.session.get(
                    SubscriptionBalance, (identity.app_id, identity.openid, template_id), with_for_update=True
                )
                if row is None:
                    row = SubscriptionBalance(
                        app_id=identity.app_id, openid=identity.openid, template_id=template_id, remaining=0
                    )
                    db.session.add(row)
                row.remaining += change
                db.session.commit()
                return True
        except IntegrityError:  # counted before, or the balance row was just made by somebody else
            if attempt == 1 or _counted(source_key):
                return False
    return False


def _counted(source_key: str) -> bool:
    with control_scope(read_only=True):
        found = select(SubscriptionEntry.id).where(SubscriptionEntry.source_key == source_key)
        return db.session.execute(found).first() is not None


def _entry(
    identity: WeChatIdentity, template_id: str, change: int, source: str, key: str
) -> SubscriptionEntry:
    return SubscriptionEntry(
        app_id=identity.app_id,
        openid=identity.openid,
        template_id=template_id,
        change=change,
        source=source,
        source_key=key,
    )


def _person(table, identity: WeChatIdentity, template_id: str):  # type: ignore[no-untyped-def]
    return (
        table.app_id == identity.app_id,
        table.openid == identity.openid,
        table.template_id == template_id,
    )


# --- which tenant's message a send was -----------------------------------------------------------------------------


def open_route(
    attempt_id: str, identity: WeChatIdentity, template_id: str, tenant_id: str, message_id: str
) -> None:
    """Before a call: remember whose message it is."""
    with control_scope():
        if db.session.get(MessageRoute, attempt_id) is None:
            db.session.add(
                MessageRoute(
                    attempt_id=attempt_id,
                    app_id=identity.app_id,
                    openid=identity.openid,
                    template_id=template_id,
                    tenant_id=tenant_id,
                    message_id=message_id,
                )
            )
            db.session.commit()


def close_route(attempt_id: str, msgid: str | None) -> None:
    """After a call that answered: keep WeChat's msgid, or forget a route that certainly sent nothing."""
    with control_scope():
        row = db.session.get(MessageRoute, attempt_id)
        if row is not None:
            if msgid is None:
                db.session.delete(row)
            else:
                row.msgid = msgid
            db.session.commit()


def find_call(attempt_id: str) -> tuple[WeChatIdentity, str] | None:
    """(recipient, template id) of a call that was begun and is not known to have sent nothing."""
    with control_scope(read_only=True):
        row = db.session.get(MessageRoute, attempt_id)
        return (WeChatIdentity(row.app_id, row.openid), row.template_id) if row is not None else None


def find_route(identity: WeChatIdentity, template_id: str, msgid: str) -> tuple[str, str, str] | None:
    """(tenant id, message id, attempt id) of a sent event.

    By msgid; else, when exactly one call to this person with this template in the last day has no answer yet, that one.
    """
    with control_scope(read_only=True):
        row = db.session.execute(
            select(MessageRoute).where(MessageRoute.app_id == identity.app_id, MessageRoute.msgid == msgid)
        ).scalar_one_or_none()
        if row is None:
            unknown = db.session.scalars(
                select(MessageRoute).where(
                    *_person(MessageRoute, identity, template_id),
                    MessageRoute.msgid.is_(None),
                    MessageRoute.created_at > utcnow() - timedelta(days=1),
                )
            ).all()
            row = unknown[0] if len(unknown) == 1 else None
        return (row.tenant_id, row.message_id, row.attempt_id) if row is not None else None

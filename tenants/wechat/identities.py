"""Who people are to each app, and where in the companies they belong."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from app.core.database import db
from app.core.errors import Conflict, NotFound
from app.ports import WeChatIdentity
from tenants.models import Identity, Membership, WeChatAppRow
from tenants.tenancy import control_scope
from tenants.wechat.apps import OFFICIAL_ACCOUNT


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

"""Data keys: created, fetched and erased here, wrapped at rest in the control plane."""

from __future__ import annotations

import time

from sqlalchemy import delete, select

from app.core.database import db
from app.core.encryption import derive_key, new_key, seal, unseal, unwrap_key, wrap_key
from app.core.errors import Gone
from tenants.models import WrappedKey
from tenants.tenancy import control_scope, tenancy

_MEMORY_SECONDS = 30.0
_MEMORY_SIZE = 10_000


def _master_key() -> bytes:
    return tenancy().settings.master_key_bytes


def create_tenant_key(tenant_id: str) -> bytes:
    """Make (or find again) the tenant's key."""
    return _create(tenant_id, tenant_id, _master_key())


def tenant_key(tenant_id: str) -> bytes:
    """The tenant's 32-byte key. Raises Gone ``key_erased``."""
    return _fetch(tenant_id, [tenant_id], _master_key())[tenant_id]


def create_candidate_key(tenant_id: str, candidate_id: str) -> bytes:
    """Make (or find again) a candidate's key. An orphan of a rolled-back candidate is harmless."""
    return _create(tenant_id, candidate_id, tenant_key(tenant_id))


def candidate_key(tenant_id: str, candidate_id: str) -> bytes:
    """A candidate's 32-byte key. Raises Gone ``candidate_erased``."""
    found = candidate_keys(tenant_id, [candidate_id])
    if candidate_id not in found:
        raise Gone("candidate_erased")
    return found[candidate_id]


def candidate_keys(tenant_id: str, candidate_ids: list[str]) -> dict[str, bytes]:
    """The keys of several candidates in one query; erased ones are absent."""
    return _fetch(tenant_id, candidate_ids, tenant_key(tenant_id), strict=False)


def erase_candidate_key(tenant_id: str, candidate_id: str) -> bool:
    """Erase everything a candidate's key sealed, backups included. True when there was a key."""
    with control_scope():
        erased = db.session.execute(
            delete(WrappedKey).where(WrappedKey.tenant_id == tenant_id, WrappedKey.subject_id == candidate_id)
        )
        db.session.commit()
    tenancy().known_keys.pop((tenant_id, candidate_id), None)
    return bool(getattr(erased, "rowcount", 0))


def seal_secret(value: str, context: str) -> bytes:
    """Seal a secret of the control plane (a WeChat app's) under the master key."""
    return seal(derive_key(_master_key(), "control secrets"), value.encode(), context)


def unseal_secret(sealed: bytes, context: str) -> str:
    """The secret again."""
    return unseal(derive_key(_master_key(), "control secrets"), sealed, context).decode()


def _create(tenant_id: str, subject_id: str, wrapping: bytes) -> bytes:
    with control_scope():
        row = db.session.get(WrappedKey, (tenant_id, subject_id))
        if row is None:
            wrapped = wrap_key(wrapping, new_key())
            db.session.add(WrappedKey(tenant_id=tenant_id, subject_id=subject_id, wrapped=wrapped))
            db.session.commit()
        else:
            wrapped = row.wrapped
    return unwrap_key(wrapping, wrapped)


def _fetch(tenant_id: str, subjects: list[str], wrapping: bytes, *, strict: bool = True) -> dict[str, bytes]:
    """Keys by subject. Each process remembers a key for at most 30 s, so an erasure is felt everywhere soon."""
    now, known = time.monotonic(), tenancy().known_keys
    found: dict[str, bytes] = {}
    for subject in subjects:
        kept = known.get((tenant_id, subject))
        if kept is not None and now - kept[0] < _MEMORY_SECONDS:
            found[subject] = kept[1]
    missing = [subject for subject in subjects if subject not in found]
    if missing:
        with control_scope(read_only=True):
            rows = db.session.execute(
                select(WrappedKey.subject_id, WrappedKey.wrapped).where(
                    WrappedKey.tenant_id == tenant_id, WrappedKey.subject_id.in_(missing)
                )
            )
            for subject, wrapped in rows:
                found[subject] = unwrap_key(wrapping, wrapped)
                known[(tenant_id, subject)] = (now, found[subject])
        if len(known) > _MEMORY_SIZE:
            known.clear()
    if strict and len(found) < len(set(subjects)):
        raise Gone("key_erased")
    return found

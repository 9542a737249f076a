"""The company's policy: one row, made when the company is."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from app.audits.service import Actor, record
from app.core.database import db
from app.core.errors import InvalidInput
from app.policies.models import POLICY_ID, Policy

_TOGETHER = (
    "sending_from_minute",
    "sending_until_minute",
    "face_analysis",
    "face_weight_hundredths",
    "face_reason",
)


def get_policy() -> Policy:
    """The policy of the bound tenant."""
    return db.session.get_one(Policy, POLICY_ID)


def retention() -> timedelta:
    """How long the company keeps what it has of a candidate after it last had to do with them (P2)."""
    return timedelta(days=get_policy().retention_days)


def ensure_policy(changes: dict[str, Any]) -> Policy:
    """The policy of a company that is being made, with ``changes`` to the defaults."""
    policy = db.session.get(Policy, POLICY_ID)
    if policy is None:
        policy = Policy(id=POLICY_ID)
        db.session.add(policy)
        db.session.flush()
    _apply(policy, changes)
    return policy


def change_policy(actor: Actor, changes: dict[str, Any]) -> Policy:
    """Change the named fields.

    Raises InvalidInput ``sending_hours_invalid`` | ``face_weight_without_facts`` | ``face_weight_without_reason``.
    """
    policy = get_policy()
    changed = {name: value for name, value in changes.items() if getattr(policy, name) != value}
    _apply(policy, changed)
    if changed:
        weight = {name: value for name, value in changed.items() if name == "face_weight_hundredths"}
        record(actor, "policy.changed", "policy", POLICY_ID, fields=sorted(changed), **weight)
    return policy


def _apply(policy: Policy, changes: dict[str, Any]) -> None:
    """Nothing is set unless all of it holds together: a form that is refused changes nothing."""
    wanted = {name: changes.get(name, getattr(policy, name)) for name in _TOGETHER}
    if wanted["sending_from_minute"] >= wanted["sending_until_minute"]:
        raise InvalidInput("sending_hours_invalid")
    if wanted["face_weight_hundredths"] and wanted["face_analysis"] != "facts":
        raise InvalidInput("face_weight_without_facts")
    if wanted["face_weight_hundredths"] and not wanted["face_reason"]:
        raise InvalidInput("face_weight_without_reason")
    for name, value in changes.items():
        setattr(policy, name, value)
    db.session.flush()

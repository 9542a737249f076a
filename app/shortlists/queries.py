"""Reads of shortlist rules and background checks."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from app.core.database import db
from app.shortlists.models import BackgroundCheck, ShortlistRule


def find_rule(position_id: str) -> ShortlistRule | None:
    """The rule of a position."""
    return db.session.get(ShortlistRule, position_id)


def rules_of(position_ids: Sequence[str]) -> dict[str, ShortlistRule]:
    """Rules by position."""
    found = select(ShortlistRule).where(ShortlistRule.position_id.in_(position_ids))
    return {rule.position_id: rule for rule in db.session.scalars(found)}


def find_check(application_id: str) -> BackgroundCheck | None:
    """What was recorded about an application."""
    return db.session.get(BackgroundCheck, application_id)


def passed_among(application_ids: Sequence[str]) -> set[str]:
    """Applications whose check was passed."""
    found = select(BackgroundCheck.application_id).where(
        BackgroundCheck.application_id.in_(application_ids), BackgroundCheck.status == "passed"
    )
    return set(db.session.scalars(found))


def checks_of(candidate_id: str) -> dict[str, BackgroundCheck]:
    """What was recorded about somebody, by application."""
    found = select(BackgroundCheck).where(BackgroundCheck.candidate_id == candidate_id)
    return {check.application_id: check for check in db.session.scalars(found)}

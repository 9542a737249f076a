"""Invitations as other features list them."""

from __future__ import annotations

from app.invitations.queries import OPEN, invitations

__all__ = ["OPEN", "invitations"]

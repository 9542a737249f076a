"""What the composition root handed to the running application."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import current_app

from config import Settings

if TYPE_CHECKING:
    from app.ports import Ports


def settings() -> Settings:
    """The settings of this process."""
    return current_app.extensions["settings"]


def ports() -> Ports:
    """The adapters of this process."""
    return current_app.extensions["ports"]

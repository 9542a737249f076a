"""Where the built client lies."""

from __future__ import annotations

from config.settings import ROOT

BUILD = ROOT / "clients" / "miniprogram" / "dist" / "build" / "h5"


def is_built() -> bool:
    """Whether /m/ has anything to show."""
    return (BUILD / "index.html").is_file()

"""Every page, gathered for registration."""

from app.pages import (
    accounts,
    drafting,
    faq,
    interviews,
    people,
    positions,
    public,
    resumes,
    settings,
    waiting,
)
from app.pages.blueprint import blueprint

__all__ = [
    "accounts",
    "blueprint",
    "drafting",
    "faq",
    "interviews",
    "people",
    "positions",
    "public",
    "resumes",
    "settings",
    "waiting",
]

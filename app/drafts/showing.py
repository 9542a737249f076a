"""Words around drafts: who made them (P4), what was flagged, what HR should know."""

from __future__ import annotations

from app.core.catalogue import has, text
from app.drafts.documents import Provenance


def label(provenance: Provenance, status: str, language: str) -> str | None:
    """What must stand beside a draft until a person approved it; None afterwards."""
    if status == "approved":
        return None
    return text(language, f"drafts.labels.{provenance.made_by}", model=provenance.model or "")


def fallback_words(provenance: Provenance, language: str) -> str | None:
    """Why the language model's text is not here; None when none was asked."""
    if provenance.fallback is None:
        return None
    key = f"drafts.fallbacks.{provenance.fallback}"
    return text(language, key if has(key) else "drafts.fallbacks.other")

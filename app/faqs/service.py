"""Frequent questions: the company's own, and what the product answers about every interview (C11)."""

from __future__ import annotations

from typing import Any

from app.audits.service import Actor, record
from app.core.catalogue import DEFAULT_LANGUAGE, text
from app.core.database import db
from app.faqs.models import FAQ_ID, Faq
from app.policies.service import get_policy

PRODUCT = (
    "who_decides",
    "what_ai_does",
    "face",
    "interrupted",
    "retake",
    "no_camera",
    "privacy",
    "result",
    "help",
)


def entries() -> list[dict[str, Any]]:
    """The company's own questions and answers, by language."""
    row = db.session.get(Faq, FAQ_ID)
    return [] if row is None else row.entries


def replace_entries(actor: Actor, new: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Put these in place of the company's own questions."""
    row = db.session.get(Faq, FAQ_ID, with_for_update=True)
    if row is None:
        db.session.add(Faq(id=FAQ_ID, entries=new))
    else:
        row.entries = new
    db.session.flush()
    record(actor, "faq.changed", "faq", FAQ_ID, entries=len(new))
    return new


def company_answers(language: str) -> list[tuple[str, str]]:
    """The company's questions and answers in a language, else in the default one."""
    found = []
    for entry in entries():
        tongue = language if language in entry["question"] else DEFAULT_LANGUAGE
        found.append((entry["question"][tongue], entry["answer"][tongue]))
    return found


def product_answers(language: str) -> list[tuple[str, str]]:
    """What holds for every interview on this product, with this company's periods."""
    policy = get_policy()
    facts = {"hours": policy.answer_within_hours, "days": policy.retention_days}
    return [
        (text(language, f"faq.{key}.question"), text(language, f"faq.{key}.answer", **facts))
        for key in PRODUCT
    ]

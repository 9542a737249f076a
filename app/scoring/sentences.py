"""Scores in words: one sentence for each contribution ("停顿 14 次 −0.60")."""

from __future__ import annotations

from typing import Literal

from app.core.catalogue import text
from app.scoring.content import enough_keywords
from app.scoring.documents import Abstention, Contribution, Gap, ParamValue


def format_points(hundredths: int) -> str:
    """``735`` as ``7.35``, exactly."""
    return f"{hundredths // 100}.{hundredths % 100:02d}"


def format_signed(hundredths: int) -> str:
    """``-60`` as ``−0.60`` and ``150`` as ``+1.50``, with a true minus sign."""
    return ("+" if hundredths >= 0 else "−") + format_points(abs(hundredths))


def _filled(language: str, params: dict[str, ParamValue]) -> dict[str, str]:
    separator = text(language, "scoring.list_separator")
    return {k: separator.join(v) if isinstance(v, list) else str(v) for k, v in params.items()}


def contribution_words(contribution: Contribution, language: str) -> str:
    """What a contribution is for, without its points."""
    filled = _filled(language, contribution.params)
    if contribution.key == "keywords":
        filled["enough"] = str(enough_keywords(int(filled["wanted"])))
    return text(language, f"scoring.contributions.{contribution.key}", **filled)


def contribution_sentence(contribution: Contribution, language: str) -> str:
    """What a contribution is for and what it brings."""
    return f"{contribution_words(contribution, language)} {format_signed(contribution.points_hundredths)}"


def gap_words(gap: Gap, language: str) -> str:
    """What was looked for and not found."""
    return text(language, f"scoring.gaps.{gap.key}", **_filled(language, gap.params))


def abstention_words(
    abstention: Abstention, language: str, audience: Literal["hr", "candidate"]
) -> tuple[str, str]:
    """Why there is no score, and what would help, said to HR or to the candidate."""
    key = f"scoring.abstentions.{abstention.reason}"
    return text(language, f"{key}.why"), text(language, f"{key}.help_{audience}")

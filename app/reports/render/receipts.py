"""The receipt in words: what went into the score, as hashes that anybody can compare (R4)."""

from __future__ import annotations

from app.core.catalogue import text
from app.reports.render.documents import Fact, Section
from app.scoring.canonical import sha256_of
from app.scoring.receipt import Receipt


def receipt_section(receipt: Receipt, interview_id: str, language: str) -> Section:
    """Rows of what was sealed, and how to score again and compare."""
    rows = [
        ("sealed", sha256_of(receipt)),
        ("score", receipt.score_sha256),
        ("rubric", receipt.rubric_sha256),
        ("policy", receipt.policy_sha256),
        ("code", receipt.code_version),
        ("signals", str(len(receipt.signals))),
        ("recordings", str(sum(len(recording.sha256) for recording in receipt.recordings))),
    ]
    return Section(
        rows=[Fact(label=text(language, f"report.receipt.{key}"), value=value) for key, value in rows],
        note=text(language, "report.receipt.how", interview=interview_id),
    )

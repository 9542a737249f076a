"""Analysing submitted takes: read in a scope, measure with none open, store each modality as it comes."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from flask import current_app

from app.analyses import service
from app.analyses.service import TakeBrief
from app.core.database import db
from app.core.errors import PermanentError
from app.core.faults import fault_point
from app.interviews.queries import latest_consents
from app.ports import SegmentSource, TakeSource
from app.recordings.renditions import request_rendition
from app.recordings.service import open_take
from app.reports.service import request_score
from workers.jobs.work import HeldWork, performs

if TYPE_CHECKING:
    from app.ports import TakeAnalyser

_MODEL_WAIT_SECONDS = 60.0


def _give_up(work: HeldWork, _reason: str) -> None:
    """Name what is missing and let scoring go on: one answer the machine could not read stops nobody's interview."""
    with work.scope():
        brief = service.brief_of(work.entity_id, latest_consents)
        if brief is not None:
            service.give_up(brief)
            request_rendition(brief.take_id)
            request_score(brief.interview_id)
        work.finish()
        db.session.commit()


@performs("analyse_take", give_up=_give_up)
def analyse_take(work: HeldWork) -> None:
    """Measure a submitted take with the senses that consent and policy allow (A1-A5).

    A worker killed at any point loses at most the modality it was measuring: what is stored is skipped next time. A
    machine that is short of memory or of a model postpones; the recording stays.
    """
    with work.scope(read_only=True):
        brief = service.brief_of(work.entity_id, latest_consents)
        if brief is None:
            return
        segments = [] if brief.medium == "text" else open_take(brief.take_id)
    with work.scope():
        service.store_absences(brief.take_id, brief.refused, "skipped", "no_consent")
        db.session.commit()
    try:
        _measure(work, brief, segments)
    except PermanentError as error:
        if error.reason != "model_unavailable":
            raise
        # This machine lacks a model; that says nothing about the take, so it waits for a machine that has it.
        work.postpone(_MODEL_WAIT_SECONDS, error.reason, counts=False)
        return
    with work.scope():
        service.conclude(brief.take_id)
        request_rendition(brief.take_id)
        request_score(brief.interview_id)
        work.finish()
        db.session.commit()


def _measure(work: HeldWork, brief: TakeBrief, segments: list[SegmentSource]) -> None:
    analyser = cast("TakeAnalyser", current_app.extensions["analyser"])
    source = TakeSource(
        segments=segments,
        medium=brief.medium,
        question_text=brief.question_text,
        wanted=brief.wanted,
        written_text=brief.written_text,
        max_seconds=brief.max_seconds,
        left_page=brief.left_page,
        hotwords=brief.hotwords,
    )
    for result in analyser.analyse(source, skip=brief.stored | brief.refused):
        with work.scope():
            service.store_result(brief.take_id, result)
            db.session.commit()
        fault_point("analysis.modality_stored")

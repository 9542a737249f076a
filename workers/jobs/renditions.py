"""Making a take's rendition: read in a scope, encode with none open, seal piece by piece, record."""

from __future__ import annotations

from typing import cast

from flask import current_app

from app.analyses.service import results_of
from app.core.context import ports
from app.core.database import db
from app.core.errors import RetryableError
from app.core.signals import MediaSignals
from app.ports import SegmentSource
from app.recordings import renditions
from app.recordings.originals import plays_everywhere
from app.recordings.renditions import IMPOSSIBLE, ORIGINAL, Attempt, Made
from app.recordings.service import open_take
from config.settings import Settings
from workers.analysis.rendering import Rendering
from workers.analysis.timeline import UnusableRecordingError
from workers.jobs.work import HeldWork, performs


def _give_up(work: HeldWork, _reason: str) -> None:
    """Not now: only the recording itself can make it impossible, and says so by name. A full disk becomes empty again."""
    with work.scope():
        work.finish()
        renditions.try_again_later(work.entity_id)
        db.session.commit()


@performs("render_take", give_up=_give_up)
def render_take(work: HeldWork) -> None:
    """Make the file that plays a take everywhere, unless its one segment does so by itself.

    A worker killed at any point leaves an unreadable file, which the next attempt removes.
    """
    with work.scope():
        attempt = renditions.begin_attempt(work.entity_id)
        segments = open_take(work.entity_id) if attempt else []
        media = results_of(work.entity_id).get("media") if attempt else None
        db.session.commit()
    if attempt is None:
        return
    facts = cast("MediaSignals | None", media.document() if media is not None else None)
    if plays_everywhere(segments, facts):
        _conclude_without(work, ORIGINAL, None)
        return
    try:
        made = _make_some(attempt, segments)
    except UnusableRecordingError as problem:
        _conclude_without(work, IMPOSSIBLE, problem.reason)
        return
    try:
        with work.scope():
            renditions.keep_rendition(attempt, made)
            work.finish()
            db.session.commit()
    except Exception:
        ports().recordings.delete(attempt.store_key)  # nobody could open it
        raise


def _conclude_without(work: HeldWork, status: str, reason: str | None) -> None:
    with work.scope():
        renditions.conclude_without(work.entity_id, status, reason)
        work.finish()
        db.session.commit()


def _make_some(attempt: Attempt, segments: list[SegmentSource]) -> Made:
    """The file, or its sound alone when its pictures end the renderer."""
    if not segments:
        raise UnusableRecordingError("not_a_recording")
    try:
        return _make(attempt, segments, sound_only=attempt.medium == "voice")
    except UnusableRecordingError as problem:
        if problem.reason != "renderer_crashed" or attempt.medium == "voice":
            raise
    return _make(attempt, segments, sound_only=True)


def _make(attempt: Attempt, segments: list[SegmentSource], *, sound_only: bool) -> Made:
    settings: Settings = current_app.extensions["settings"]
    ports().recordings.delete(attempt.store_key)
    with Rendering(segments, settings, sound_only=sound_only) as rendering:
        length, sha256 = renditions.write_sealed(attempt, rendering.pieces())
    facts = rendering.facts
    if facts is None:
        raise RetryableError("rendition_incomplete")
    return Made(length, sha256, facts.duration_ms, facts.gaps, facts.width, facts.height)

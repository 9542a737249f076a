"""Where sealed recordings lie."""

from __future__ import annotations

from app.ports import RecordingStore
from config import Settings


def build_recording_store(settings: Settings) -> RecordingStore:
    """The store the settings ask for."""
    from app.adapters.local_recordings import LocalRecordingStore

    return LocalRecordingStore(settings.data_dir / "recordings", floor_bytes=settings.free_disk_floor_bytes)

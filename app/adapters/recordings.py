"""Where sealed recordings lie."""

from __future__ import annotations

from app.ports import RecordingStore
from config import Settings


def build_recording_store(settings: Settings) -> RecordingStore:
    """The store the settings ask for. ValueError when S3 is chosen without a bucket."""
    if settings.recording_store == "s3":
        if not settings.s3_bucket:
            raise ValueError("RECORDING_STORE=s3 needs S3_BUCKET")
        from app.adapters.s3_recordings import S3RecordingStore, build_s3_client  # boto3 takes 0.3 s to load

        return S3RecordingStore(build_s3_client(settings.s3_endpoint_url), settings.s3_bucket)
    from app.adapters.local_recordings import LocalRecordingStore

    return LocalRecordingStore(settings.data_dir / "recordings", floor_bytes=settings.free_disk_floor_bytes)

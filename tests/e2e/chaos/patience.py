"""A candidate and a recruiter who simply try again when the server vanished in the middle of their request."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import requests

from app.core.ids import new_id
from samples.client import Api, ApiError, Upload, wait_for
from samples.journey import Journey

_PATIENCE_SECONDS = 60.0


class PatientApi(Api):
    """Repeats a call whose answer never came, with the Idempotency-Key it had; counts the repeats."""

    repeats = 0

    def as_bearer(self, token: str) -> PatientApi:
        """The same patience with another credential."""
        return PatientApi(self.base_url, token)

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        if method == "POST":
            headers.setdefault("Idempotency_Key", new_id())
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while True:
            try:
                return super().call(method, path, body, **headers)
            except (requests.ConnectionError, requests.Timeout):
                if time.monotonic() > deadline:
                    raise
            except ApiError as error:
                if error.code != "request_in_progress" or time.monotonic() > deadline:
                    raise
            PatientApi.repeats += 1
            time.sleep(0.3)


def send_all(upload: Upload) -> None:
    """Resume an upload until the server says that it has everything."""

    def done() -> bool | None:
        try:
            return upload.send() == upload.length or None
        except (OSError, requests.RequestException):
            return None
        except ApiError as error:
            if error.status not in (409, 423):  # another request of ours may still hold the lock for a moment
                raise
            return None

    wait_for("the upload", done, _PATIENCE_SECONDS)


class PatientJourney(Journey):
    """A journey whose uploads are resumed as often as it takes."""

    def answer(self, question_id: str, file: Path, *, medium: str | None = None, **_more: Any) -> str:
        medium = medium or ("voice" if file.suffix == ".m4a" else "video")
        take = self.me.post(f"/candidate/answers/{question_id}/takes", {"medium": medium})
        upload = wait_for("the upload's creation", lambda: _created(self.me, file, take["id"]))
        send_all(upload)
        self.me.post(f"/candidate/takes/{take['id']}/submit")
        return str(take["id"])


def _created(api: Api, file: Path, take_id: str) -> Upload | None:
    try:
        return Upload(api, file, take_id=take_id)
    except (OSError, requests.RequestException):
        return None

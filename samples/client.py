"""Small clients of the public API, of the sandbox phone and of tus: what the demo, the tests and the benches drive."""

from __future__ import annotations

import base64
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import requests

T = TypeVar("T")
CHUNK_BYTES = 256 * 1024
CONTENT_TYPES = {".mp4": "video/mp4", ".mov": "video/quicktime", ".webm": "video/webm", ".m4a": "audio/mp4"}
CONTENT_TYPES |= {".wav": "audio/wav", ".mp3": "audio/mpeg", ".aac": "audio/aac", ".amr": "audio/amr"}


class ApiError(Exception):
    """A problem the API answered: its ``status``, ``code`` and whole ``body``."""

    def __init__(self, method: str, path: str, response: requests.Response) -> None:
        try:
            self.body: dict[str, Any] = response.json()
        except ValueError:
            self.body = {"detail": response.text[:300]}
        self.status = response.status_code
        self.code = str(self.body.get("code", ""))
        super().__init__(f"{method} {path}: {self.status} {self.code} {self.body.get('detail', '')}")


class Api:
    """JSON calls with one credential; ``refresh`` is the token that renews it when it runs out."""

    def __init__(
        self, base_url: str, token: str | None = None, language: str = "zh-CN", refresh: str | None = None
    ) -> None:
        self.base_url, self.token, self._refresh = base_url.rstrip("/"), token, refresh
        self._session = requests.Session()
        self._session.headers["Accept-Language"] = language

    def as_bearer(self, token: str) -> Api:
        """The same server with another credential."""
        return Api(self.base_url, token, str(self._session.headers["Accept-Language"]))

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """One call; the parsed answer, or None when it has none. Raises ApiError."""
        try:
            return self._send(method, path, body, headers)
        except ApiError as error:
            if error.code != "token_expired" or self._refresh is None:
                raise
        renewed = self._send("POST", "/sessions/refresh", {"refresh_token": self._refresh}, {})
        self.token, self._refresh = renewed["access_token"], renewed["refresh_token"]
        return self._send(method, path, body, headers)

    def get(self, path: str) -> Any:
        """GET."""
        return self.call("GET", path)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        """POST."""
        return self.call("POST", path, body if body is not None else {}, **headers)

    def put(self, path: str, body: Any) -> Any:
        """PUT."""
        return self.call("PUT", path, body)

    def patch(self, path: str, body: Any) -> Any:
        """PATCH."""
        return self.call("PATCH", path, body)

    def _send(self, method: str, path: str, body: Any, headers: dict[str, str]) -> Any:
        response = self._session.request(
            method, f"{self.base_url}/api/v1{path}", json=body, headers=self._headers(headers), timeout=30
        )
        if response.status_code >= 400:
            raise ApiError(method, path, response)
        return response.json() if response.content else None

    def _headers(self, more: dict[str, str]) -> dict[str, str]:
        credential = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        return credential | {name.replace("_", "-"): value for name, value in more.items()}


@dataclass
class Phone:
    """One person with a phone and WeChat, in the sandbox."""

    sandbox_url: str
    person_id: str
    app_id: str

    @classmethod
    def of(cls, sandbox_url: str, name: str, number: str, app_id: str, email: str = "") -> Phone:
        """The person with this number (made on first use), perhaps with an e-mail address."""
        body = {"name": name, "phone": number, "email": email}
        answer = _sandbox("POST", f"{sandbox_url}/sandbox/people", body)
        return cls(sandbox_url, answer["id"], app_id)

    def login_code(self) -> str:
        """What ``wx.login`` gives."""
        return str(self._post("login", {"app_id": self.app_id})["code"])

    def subscribe(self, template_ids: list[str]) -> dict[str, str]:
        """Agree to one message of each template, as ``wx.requestSubscribeMessage`` would ask."""
        answer = self._post(
            "subscriptions", {"app_id": self.app_id, "template_ids": template_ids, "accept": True}
        )
        return {key: value for key, value in answer.items() if key in template_ids}

    def inbox(self) -> list[dict[str, Any]]:
        """Messages on the phone, oldest first."""
        return _sandbox("GET", f"{self.sandbox_url}/sandbox/people/{self.person_id}/inbox")

    def _post(self, what: str, body: dict[str, Any]) -> dict[str, Any]:
        return _sandbox("POST", f"{self.sandbox_url}/sandbox/people/{self.person_id}/{what}", body)


def register_sandbox_app(sandbox_url: str, registration: dict[str, Any]) -> None:
    """Tell the sandbox of a mini-program and its templates."""
    _sandbox("POST", f"{sandbox_url}/sandbox/apps", registration)


def _sandbox(method: str, url: str, body: Any = None) -> Any:
    response = requests.request(method, url, json=body, timeout=30)
    response.raise_for_status()
    return response.json()


class Upload:
    """One tus 1.0 upload that resumes wherever the server stands."""

    def __init__(self, api: Api, file: Path, *, take_id: str, number: int = 0, starts_at_ms: int = 0) -> None:
        self._api, self._file, self.length = api, file, file.stat().st_size
        metadata = {"take_id": take_id, "number": str(number), "starts_at_ms": str(starts_at_ms)}
        metadata["filetype"] = CONTENT_TYPES.get(file.suffix.lower(), "application/octet-stream")
        encoded = ",".join(f"{k} {base64.b64encode(v.encode()).decode()}" for k, v in metadata.items())
        response = requests.post(
            f"{api.base_url}/api/v1/uploads",
            headers=self._tus({"Upload-Length": str(self.length), "Upload-Metadata": encoded}),
            timeout=30,
        )
        if response.status_code != 201:
            raise ApiError("POST", "/uploads", response)
        location = response.headers["Location"]
        self.url = location if location.startswith("http") else api.base_url + location

    def offset(self) -> int:
        """Where the server stands, in durable bytes."""
        response = requests.head(self.url, headers=self._tus({}), timeout=30)
        if response.status_code >= 400:
            raise ApiError("HEAD", self.url, response)
        return int(response.headers["Upload-Offset"])

    def send(self, stop: int | None = None) -> int:
        """PATCH from the server's offset up to ``stop`` (default: the end); the new offset."""
        start = self.offset()
        with self._file.open("rb") as file:
            file.seek(start)
            body = file.read((stop if stop is not None else self.length) - start)
        headers = self._tus({"Upload-Offset": str(start), "Content-Type": "application/offset+octet-stream"})
        response = requests.patch(self.url, data=body, headers=headers, timeout=120)
        if response.status_code >= 400:
            raise ApiError("PATCH", self.url, response)
        return int(response.headers["Upload-Offset"])

    def send_and_drop(self, until: int) -> None:
        """Promise the rest of the file, send it up to byte ``until`` and vanish, as a phone in a tunnel does."""
        start, parts = self.offset(), urlsplit(self.url)
        head = {"Host": parts.netloc, "Content-Length": str(self.length - start), "Upload-Offset": str(start)}
        head |= self._tus({"Content-Type": "application/offset+octet-stream"})
        lines = [
            f"PATCH {parts.path} HTTP/1.1",
            *(f"{name}: {value}" for name, value in head.items()),
            "",
            "",
        ]
        with socket.create_connection((str(parts.hostname), parts.port or 80), timeout=30) as connection:
            connection.sendall("\r\n".join(lines).encode())
            with self._file.open("rb") as file:
                file.seek(start)
                connection.sendall(file.read(max(0, until - start)))

    def _tus(self, more: dict[str, str]) -> dict[str, str]:
        return {"Tus-Resumable": "1.0.0", "Authorization": f"Bearer {self._api.token}", **more}


def wait_for(what: str, look: Callable[[], T | None], seconds: float = 60.0) -> T:
    """Look every 0.2 s until there is something; TimeoutError naming ``what``."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = look()
        if found:
            return found
        time.sleep(0.2)
    raise TimeoutError(f"waited {seconds:.0f} s for {what}")

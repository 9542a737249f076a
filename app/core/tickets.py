"""Short-lived addresses of files: an image or a download sends no headers, so the address is the credential."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from itsdangerous import BadData, URLSafeTimedSerializer

from app.core.clock import utcnow
from app.core.context import settings
from app.core.errors import Gone, NotFound


class Tickets:
    """Signed addresses below ``path`` of one kind of file, good for ``playback_ticket_minutes``."""

    def __init__(self, path: str, salt: str) -> None:
        self._path, self._salt = path, salt

    def address(self, tenant_id: str, file_id: str, viewer_kind: str, viewer_id: str) -> str:
        """Where somebody can open a file."""
        ticket = self._serializer().dumps([tenant_id, file_id, viewer_kind, viewer_id])
        return f"{settings().public_base_url.rstrip('/')}{self._path}{ticket}"

    def expires_at(self) -> datetime:
        """When an address made now is over."""
        return utcnow() + timedelta(minutes=settings().playback_ticket_minutes)

    def read(self, ticket: str) -> tuple[str, str]:
        """(tenant id, file id) of an address. Raises NotFound ``ticket_unknown``, Gone ``ticket_expired``."""
        try:
            content, signed_at = self._serializer().loads(ticket, return_timestamp=True)
        except BadData as error:
            raise NotFound("ticket_unknown") from error
        if signed_at.astimezone(UTC) + timedelta(minutes=settings().playback_ticket_minutes) < utcnow():
            raise Gone("ticket_expired")
        return content[0], content[1]

    def _serializer(self) -> URLSafeTimedSerializer:
        return URLSafeTimedSerializer(settings().jwt_secret_key.get_secret_value(), salt=self._salt)

"""PATCH for clients that cannot send it: WeChat's ``wx.request`` knows POST, and a header says what is meant."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_API = "/api/v1/"
_UPLOADS = "/api/v1/uploads"  # tus names its methods in the same way and answers for itself


class MethodOverride:
    """A POST to the API with ``X-HTTP-Method-Override: PATCH`` becomes a PATCH; nothing else changes its method."""

    def __init__(self, application: WSGIApplication) -> None:
        self._application = application

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """The application's answer."""
        path = environ.get("PATH_INFO", "")
        meant = environ.get("HTTP_X_HTTP_METHOD_OVERRIDE", "").upper()
        is_ours = path.startswith(_API) and not path.startswith(_UPLOADS)
        if is_ours and meant == "PATCH" and environ.get("REQUEST_METHOD") == "POST":
            environ["REQUEST_METHOD"] = meant
        return self._application(environ, start_response)

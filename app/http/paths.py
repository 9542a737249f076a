"""The address of a request as a log may hold it."""

from __future__ import annotations

from flask import request

_OPENS_SOMETHING = ("token", "ticket")


def loggable_path() -> str:
    """The request's path, with ``*`` for the part that is itself a credential: an invitation's link, a playback ticket."""
    path, arguments = request.path, request.view_args or {}
    for name in _OPENS_SOMETHING:
        if arguments.get(name):
            path = path.replace(str(arguments[name]), "*")
    return path

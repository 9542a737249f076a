"""The scene of a mini-program code."""

from __future__ import annotations

import re

from app.core.errors import PermanentError

SCENE_LIMIT = 32
_SCENE = re.compile(rf"[0-9A-Za-z!#$&'()*+,/:;=?@\-._~]{{1,{SCENE_LIMIT}}}")


def check_scene(scene: str) -> None:
    """Refuse a scene WeChat would refuse: 1-32 of digits, Latin letters and ``!#$&'()*+,/:;=?@-._~``.

    PermanentError ``scene_invalid``.
    """
    if not _SCENE.fullmatch(scene):
        raise PermanentError("scene_invalid", f"{len(scene)} characters")

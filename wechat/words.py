"""``security.msgSecCheck`` version 2: what is asked of WeChat about somebody's words, and what its answer means."""

from __future__ import annotations

from typing import Any

from app.core.errors import RetryableError
from app.ports import WordsScene, WordsVerdict

LONGEST = 2500
"""Characters that WeChat takes at once."""
TIMEOUT = (1.5, 2.5)
"""Seconds to connect and to read: somebody waits for their words to be kept, and they are kept without an answer too."""
_SCENES: dict[WordsScene, int] = {"profile": 1, "comment": 2}
_WORST = ("pass", "review", "risky")


def pieces(words: str) -> list[str]:
    """The words in pieces that WeChat takes; what stands at a joint is in both, so that a cut hides nothing short."""
    overlap = 50
    step = LONGEST - overlap
    return [words[at : at + LONGEST] for at in range(0, max(1, len(words) - overlap), step)]


def request_body(openid: str, words: str, scene: WordsScene) -> dict[str, Any]:
    """The body of one call."""
    return {"version": 2, "scene": _SCENES[scene], "openid": openid, "content": words}


def verdict_of(answer: dict[str, Any]) -> WordsVerdict:
    """What an answer says. Raises RetryableError ``wechat_bad_answer``."""
    result = answer.get("result")
    if not isinstance(result, dict) or result.get("suggest") not in _WORST:
        raise RetryableError("wechat_bad_answer", "no suggestion")
    label = result.get("label")
    return WordsVerdict(result["suggest"], label if isinstance(label, int) else 0)


def worst(verdicts: list[WordsVerdict]) -> WordsVerdict:
    """The verdict on all pieces together."""
    return max(verdicts, key=lambda verdict: _WORST.index(verdict.suggestion))

"""Connectives that show how an answer is built."""

from __future__ import annotations

import re

from app.scoring.text.passages import Hit, fold

# 然后 and "and then" are left out: in speech they mostly fill time. "其次" and "第二步" do the same work,
# as do "因为" and "由于": what counts is how many different kinds of joint an answer has.
_JOINTS: dict[str, str] = {
    "first": r"首先|第一步|第一个?(?:是|方面|原因|点)|first(?:ly)?\b|to begin with",
    "second": r"其次|第二步|第二个?(?:是|方面|原因|点)|second(?:ly)?\b|next\b",
    "third": r"再次|第三步|第三个?(?:是|方面|原因|点)|third(?:ly)?\b",
    "last": r"最后|最终|finally\b|lastly\b|in the end",
    "cause": r"因为|由于|because\b|since we\b",
    "consequence": r"所以|因此|于是|因而|therefore\b|so that\b|as a result",
    "contrast": r"但是|然而|不过|虽然|尽管|however\b|although\b|despite\b",
    "example": r"例如|比如|举一?个?(?:具体的?)?例子?|for example|for instance",
    "summary": r"总之|总的来说|综上|总结(?:一下|来说)|以上就是|in summary|to sum up|overall\b",
    "aim": r"为了|目的是|in order to",
}
_PATTERN = re.compile("|".join(f"(?P<{name}>{words})" for name, words in _JOINTS.items()))


def find_connectives(text: str) -> list[Hit]:
    """Connectives in order; ``Hit.key`` is the kind of joint."""
    return [Hit(m.start(), m.end(), str(m.lastgroup)) for m in _PATTERN.finditer(fold(text))]

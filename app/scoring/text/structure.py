"""Connectives that show how an answer is built."""

from __future__ import annotations

import re

from app.scoring.text.passages import Hit
from app.scoring.text.reading import Reading, reading_of

# 然后 and "and then" are left out: in speech they mostly fill time. "其次" and "第二步" do the same work,
# as do "因为" and "由于": what counts is how many different kinds of joint an answer has.
_JOINTS: dict[str, str] = {
    "first": r"首先|第一步|第一(?:个?(?:是|方面|原因|点)|[，,])|一方面|一是|\bfirst(?:ly| of all)?\b(?! time)|"
    r"\bto begin with\b|\bto start with\b",
    "second": r"其次|第二步|第二(?:个?(?:是|方面|原因|点)|[，,])|另一方面|二是|\bsecond(?:ly)?\b|"
    r"\bnext\b(?! (?:to|week|month|year|day))|"
    r"\bafter that\b",
    "third": r"再次|再者|第三步|第三(?:个?(?:是|方面|原因|点)|[，,])|三是|\bthird(?:ly)?\b",
    "last": r"最后|最终|\bfinally\b|\blastly\b|\bin the end\b|\beventually\b",
    "cause": r"因为|由于|\bbecause\b|\bsince (?:we|i|the)\b|\bdue to\b",
    "consequence": r"所以|因此|于是|因而|从而|\btherefore\b|\bso that\b|\bas a result\b|\bwhich meant\b|"
    r"\bthat is why\b",
    "contrast": r"但是|然而|不过|虽然|尽管|\bhowever\b|\balthough\b|\bdespite\b|\beven though\b|\binstead\b",
    "example": r"例如|比如|举一?个?(?:具体的?)?例子?|\bfor example\b|\bfor instance\b",
    "summary": r"总之|总的来说|综上|总结(?:一下|来说)|以上就是|\bin summary\b|\bto sum up\b|\boverall\b(?=,)|"
    r"\ball in all\b",
    "aim": r"为了|目的是|\bin order to\b",
}
_PATTERN = re.compile("|".join(f"(?P<{name}>{words})" for name, words in _JOINTS.items()))
_MIN_JOINED = 4


def _joined(text: str) -> int:
    """How much there is to join: a Chinese character counts one, a letter half."""
    return sum(2 if "\u3400" <= c <= "\u9fff" else 1 for c in text if c.isalnum()) // 2


def find_connectives(text: str | Reading) -> list[Hit]:
    """Connectives in order; ``Hit.key`` is the kind of joint.

    One counts when four Chinese characters (or eight letters) follow before the next: joints with nothing
    between them build nothing.
    """
    reading = reading_of(text)
    hits: list[Hit] = []
    for sentence in reading.sentences:
        found = list(_PATTERN.finditer(reading.folded, sentence.start, sentence.end))
        ends = [*(match.start() for match in found), sentence.end][1:]
        hits += [
            Hit(match.start(), match.end(), str(match.lastgroup))
            for match, end in zip(found, ends, strict=True)
            if _joined(reading.folded[match.end() : end]) >= _MIN_JOINED
        ]
    return hits

"""Whether something in a clause is denied ("我没有用过Python" claims no Python)."""

from __future__ import annotations

import re

# Words that hold a negating character without denying what follows.
_NOT_DENIALS = re.compile(
    r"不仅|不但|不只|不光|不断|不同|不少|不得不|不错|不过|不管|不论|不久|不停|无论|无比|没问题|没过多久|不止|"
    r"未来|未必不|无数|无疑|无线|别人|别的|not only|no doubt|no matter"
)
_DENIAL = re.compile(
    r"没有|没|不|未|从未|无法|缺乏|缺少|别|无(?=经验|基础)|\bno\b|\bnot\b|\bnever\b|\bwithout\b|\black(?:ed|ing)?\b|n't\b"
)
_DENIAL_AFTER = re.compile(
    r"^\s*(?:这个|这些|这方面|技能|语言|工具|方面|经验)?(?:的经验)?(?:我|我们)?(?:也|还|都|并|根本|从来|完全|确实|真的|其实|基本)*"
    r"(?:没有|没|不太|不怎么|不|未)(?:有|曾)?(?:用过|做过|接触|学过|用|做|会|懂|熟|了解|擅长|精通|掌握|知道|行)"
)
_REACH_CHARACTERS = 14
_REACH_LATIN_CHARACTERS = 40


def is_denied(clause: str, start: int, end: int) -> bool:
    """Whether ``clause[start:end]`` (folded text) follows a denial within reach, or is denied right after.

    The reach is 14 characters in Chinese and 40 in Latin script; "不仅", "不断" and their like deny nothing.
    """
    before = clause[:start]
    latin = sum(c.isascii() for c in before) > len(before) / 2
    before = before[-(_REACH_LATIN_CHARACTERS if latin else _REACH_CHARACTERS) :]
    harmless = _NOT_DENIALS.sub(lambda match: "〇" * len(match.group()), before)
    return bool(_DENIAL.search(harmless)) or bool(_DENIAL_AFTER.match(clause[end:]))

"""Finding many words at once: every spelling of every keyword in one pass over the text.

- Latin spellings match whole words only ("Java" is not in "JavaScript", "C" not in "C++"), any case; a release number
  may follow ("Python3"). English words of four letters or more match in their plural, and where the rubric writes them
  small in their other forms too ("negotiate": negotiates, negotiated, negotiating).
- Chinese spellings of one or two characters must not lie inside another word of the stored segmentation, or of the
  short list below: 销售 is not in 销售额, 客户 not in 客户端. A word that is the keyword and two characters more is a
  compound of it (团队精神), and 们, 者 and the like change no word.
- Spaces, hyphens and line ends inside a spelling match one another.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from app.core.signals import Word
from app.scoring.rubric import Keyword
from app.scoring.text.passages import Hit, fold

_MIN_INFLECTED = 4
_VOWELS = "aeiou"
_LONGEST_CHECKED = 2
_SUFFIXES = frozenset("们了过着性化上中里")
# Used where no segmentation is stored: common words that begin or end with a frequent keyword and mean another thing.
_OTHER_WORDS = re.compile(
    r"销售[额量价]|客户端|数据[库线流]|管理[员层费]|产品[线库]|用户名|分析[师仪]|市场价|设计[师院图]|"
    r"开发[商区]|运营商|工程[师院]|"
    r"计划[书生]|项目[书部]|合同[工制]|服务[器员费]|沟通[群]|团队[长]|大?数据[湖]|营业额|编程[猫]|"
    r"测试[版员]|培训[班费]|会计[师]"
)


def _inflected(word: str) -> str:
    """A pattern for an English word in its forms. ``word`` is folded."""
    body = re.escape(word)
    if word.endswith("e"):
        return rf"{body[:-1]}(?:e|es|ed|ing|e's)"
    if word.endswith("y") and word[-2] not in _VOWELS:
        return rf"{body[:-1]}(?:y|ies|ied|ying|y's)"
    for ending in ("ing", "ed", "es", "s"):
        stem = word.removesuffix(ending)
        if word.endswith(ending) and len(stem) >= _MIN_INFLECTED and not stem.endswith("s"):
            return rf"{re.escape(stem)}(?:e|es|s|ed|ing|'s)?"
    doubled = (
        body[-1] if word[-1] not in "aeiouwxy" and word[-2] in _VOWELS and word[-3] not in _VOWELS else ""
    )
    again = rf"|{doubled}(?:ed|ing)" if doubled else ""
    return rf"{body}(?:s|es|ed|ing|'s{again})?"


def _plural(word: str) -> str:
    return re.escape(word) + r"(?:s|es|'s)?"


def _latin_word(written: str, *, last: bool) -> str:
    word = fold(written)
    if not (word.isascii() and word.isalpha() and len(word) >= _MIN_INFLECTED):
        number = (
            r"(?:\d{1,2}(?:\.\d{1,2}){0,2})?"
            if last and word.isascii() and word.isalpha() and len(word) > 2
            else ""
        )
        return re.escape(word) + number
    if written[0].isupper():
        return _plural(word) + (r"(?:\d{1,2}(?:\.\d{1,2}){0,2})?" if last else "")
    return _inflected(word)


@lru_cache(maxsize=8192)
def _pattern(spelling: str) -> re.Pattern[str]:
    folded = fold(spelling)
    pieces = [piece for piece in re.split(r"[\s\-]+", spelling) if piece]
    body = r"[\s\-]{1,3}".join(_latin_word(piece, last=piece is pieces[-1]) for piece in pieces) or re.escape(
        folded
    )
    latin_end = folded[-1].isascii() and (folded[-1].isalnum() or folded[-1] in "+#")
    return re.compile(body + (r"(?![a-z0-9+#])" if latin_end else ""))


def _is_han(character: str) -> bool:
    return "\u3400" <= character <= "\u9fff"


class Lexicon:
    """The spellings of some keywords, looked up by their first character. Immutable once made."""

    def __init__(self, keywords: Iterable[Keyword]) -> None:
        by_first: dict[str, list[tuple[int, str, str, str]]] = {}
        for keyword in keywords:
            for spelling in {keyword.word, *keyword.synonyms}:
                folded = fold(spelling)
                by_first.setdefault(folded[0], []).append((-len(folded), folded, spelling, keyword.word))
        self._by_first = {
            first: [(folded, _pattern(spelling), word) for _, folded, spelling, word in sorted(entries)]
            for first, entries in by_first.items()
        }

    def find(self, folded: str, words: Sequence[Word] = ()) -> list[Hit]:
        """Every place of every keyword, its longest spelling first; ``Hit.key`` is the keyword's own word.

        Places of one keyword do not overlap; those of different keywords may.
        """
        whole = _word_places(words)
        hits: list[Hit] = []
        taken: dict[str, int] = {}
        for place, character in enumerate(folded):
            for spelling, pattern, word in self._by_first.get(character, ()):
                if place < taken.get(word, 0) or (place and _joined(folded[place - 1], character)):
                    continue
                match = pattern.match(folded, place)
                if match and not _inside_another_word(folded, spelling, place, match.end(), whole):
                    hits.append(Hit(place, match.end(), word))
                    taken[word] = match.end()
        return sorted(hits)


def _joined(before: str, first: str) -> bool:
    """Whether a Latin word goes on from ``before`` to ``first``."""
    return first.isascii() and first.isalnum() and before.isascii() and before.isalnum()


def _word_places(words: Sequence[Word]) -> dict[int, tuple[int, int]]:
    """For each character of a word of several: where that word starts and ends."""
    places: dict[int, tuple[int, int]] = {}
    for word in words:
        if word.char_end - word.char_start > 1:
            for place in range(word.char_start, word.char_end):
                places[place] = (word.char_start, word.char_end)
    return places


def _inside_another_word(
    folded: str, spelling: str, start: int, end: int, whole: dict[int, tuple[int, int]]
) -> bool:
    if end - start > _LONGEST_CHECKED or not all(map(_is_han, spelling)):
        return False
    if whole:
        left, right = whole.get(start, (start, end))[0], whole.get(end - 1, (start, end))[1]
        before, after = start - left, right - end
        return before == 1 or (after == 1 and folded[end] not in _SUFFIXES)
    other = _OTHER_WORDS.match(folded, start)
    return other is not None and other.end() > end

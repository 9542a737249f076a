"""What is not an answer: the rubric's own words said back, and lists of keywords with nothing said about them.

- Recited: a stretch that also stands in the questions, the level anchors or the job description, of at least eight
  Chinese characters or six English words (mixed text in proportion), punctuation aside; or a whole clause of at least
  four characters (two words) that is a whole clause there.
- Listed: keywords of the rubric in a row, with nothing between them but joining words and bare claims (我会, 熟悉,
  能力, "I have"): without a predicate; three or four with less than two characters of other words for each in their
  clauses, or that nothing governs; five or more always.

- Formal: sentences in a row in the manner of a job description: no person, no past, no number but list numbers and
  requirements (3年以上), and four clauses or more of which half open with the verbs of duties (负责, 优化, 确保, 具备) or
  name a requirement (学历, 优先); from the first sentence that has one to the last. What follows a job description's own
  heading (岗位职责, "Requirements"), up to a sentence of a speaker's own (我, 了). Or a definition (是一种, 优点是).

All are shown, and blanked before any rule reads the text, so they bring nothing. One pass each.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import groupby, pairwise, takewhile

from app.scoring.rubric import Rubric
from app.scoring.text.lexicon import Lexicon
from app.scoring.text.passages import Hit, Passage, fold, split_clauses, split_sentences

_UNIT = re.compile(r"[\u3400-\u9fff]|[^\W\u3400-\u9fff_]+")
_GRAM = 6
_HAN_WEIGHT, _LATIN_WEIGHT, _ENOUGH_WEIGHT = 3, 4, 24
_SHORTEST_CLAUSE_WEIGHT = 12
_SHORTEST_LATIN_CLAUSE = 8

_JOINING = (
    r"[\s、，,；;：:。.·/|&+\-()（）\"“”]|和|与|及|以及|跟|或者?|还有|等等?|也|还|都|的|有|"
    r"比如|例如|包括|像|关键词|能力|意识|精神|技能|经验|思维|知识|方面|"
    r"我们?|我?(?:会|懂|有|用|擅长|熟悉|掌握|精通|了解|具备|做过?|关注|重视|熟练使用|熟练掌握)|很|非常|"
    r"\b(?:and|or|with|of|in|the|a|also|as well as|such as|including|like|etc|skills?|experience|ability|"
    r"knowledge|i|"
    r"have|know|am good at|good at|my|keywords?)\b"
)
_ONLY_JOINING = re.compile(rf"(?:{_JOINING}){{0,12}}")
_JOIN = re.compile(_JOINING)
_PREDICATE_CHARACTERS = frozenset("用会懂做写学是有教管带靠让把了过得")
_TELLS = frozenset("了过我他")
_GOVERNING = re.compile(
    r"(?:[用会懂做写学教管靠对在从到跟和与为给了过将把看]|熟悉|掌握|使用|学习|了解|精通|负责|包括|通过|结合|"
    r"利用|基于|擅长|"
    r"分析|提升|提高|改善|优化|关注|跟踪|监控|管理|完成|推动|制定|涉及|需要|具备|\b(?:used?|using|with|in|"
    r"know|knew|learned|"
    r"like|as|on|of|built|wrote|to|and))[^\W]{0,2}\s?$"
)
_BARE_LIST, _LONG_LIST = 3, 5
_AROUND = 60  # characters of a clause on either side of a run that are looked at

_PERSONAL = re.compile(
    r"[我咱他她俺]|了(?!解)|[^通经]过(?![程于])|\d|百分之|当时|后来|\b(?:i|we|my|our|me|us|he|she)\b"
)
_DUTY = re.compile(
    r"\s*(?:负责|优化|制定|确保|保证|控制|具备|具有|热爱|认同|服从|熟悉|精通|掌握|完成|协助|参与|定期|及时|"
    r"能(?:够|适应|承受|独立)?|有(?:良好|较强|清晰|强烈|丰富)|"
    r"良好的|较强的|优秀的|强烈的|丰富的|善于|擅长|建立|维护|推动|组织|管理|监督|执行|落实|配合|承担|达成|"
    r"跟进|开展|开发|拓展|收集|分析|编写|设计|"
    r"爱岗|吃苦|责任心|工作(?:认真|细致|积极)|(?:be |being )?(?:responsible for|able to|proficient in)|"
    r"(?:manage|develop|maintain|ensure|drive|lead|build|deliver|coordinate|support|monitor|analy[sz]e|"
    r"collaborate|work|possess|"
    r"demonstrate|strong|excellent|proven|oversee|prepare|conduct|own|define|establish|provide|"
    r"and)[a-z]{0,3} )"
)
_REQUIREMENT = re.compile(
    r"学历|优先|相关专业|岗位职责|任职(?:要求|资格)|工作(?:内容|职责)|能力[强佳]|[年岁]以[上内]|"
    r"\b(?:preferred|required|a plus|degree|years of)\b"
)
_HEADING = re.compile(
    r"(?:^|[【\n])\W{0,3}(?:岗位职责|职位职责|工作职责|岗位描述|职位描述|职责描述|工作内容|内容|要求|任职要求|任职资格|任职条件|岗位要求|"
    r"职位要求|招聘要求|(?:job |key )?(?:responsibilities|requirements|qualifications|job description|about the role|"
    r"what you'?ll do|what you bring))\s?(?:[:：】\n]|$)"
)
_SPEAKER = re.compile(r"[我咱俺]|了(?!解)|当时|后来|\b(?:i|my|me)\b")
_LISTED_NUMBER = re.compile(
    r"^\W{0,3}\d{1,2}\s?[.、)）]|\d{1,2}(?:\s?[-~到至]\s?\d{1,2})?\s?(?:周?岁|年)?(?:及?以[上内下]|\+| years of)"
)
"""Numbers that count nothing of one's own: of a list, of years asked for."""
_DEFINITION = re.compile(
    r"是(?:一种|一类|指|由)|指的是|(?:优点|缺点|特点|定义|核心|本质|原则)(?:是|包括|在于)|每个.{1,8}运行|"
    r"包括以下|"
    r"\b(?:is|are) (?:a|an|the) (?:\w{2,14} ){0,2}(?:process|method|approach|practice|architecture|set|"
    r"style|technique|framework) "
    r"(?:of|that|which|to|in|for)\b|\bis defined as\b|\brefers to\b"
)
_MIN_DUTIES = 4


def _units(folded: str) -> list[tuple[str, int, int]]:
    return [(m.group(), m.start(), m.end()) for m in _UNIT.finditer(folded)]


def _weight(units: Iterable[tuple[str, int, int]]) -> int:
    return sum(_LATIN_WEIGHT if unit[0].isascii() else _HAN_WEIGHT for unit, _, _ in units)


def _pieces(text: str) -> list[Passage]:
    """Every sentence and every clause."""
    sentences = split_sentences(text)
    return [*sentences, *(clause for sentence in sentences for clause in split_clauses(text, sentence))]


class Recital:
    """The rubric's own words, ready to be found in an answer."""

    def __init__(self, rubric: Rubric) -> None:
        sources = [rubric.description or ""]
        for question in rubric.questions:
            sources += [question.text, question.plainer_text or ""]
        sources += [level.text for competency in rubric.competencies for level in competency.levels]
        self._grams: set[tuple[str, ...]] = set()
        self._whole: set[tuple[str, ...]] = set()
        for source in sources:
            words = [unit for unit, _, _ in _units(fold(source))]
            self._grams.update(tuple(words[i : i + _GRAM]) for i in range(len(words) - _GRAM + 1))
            for piece in _pieces(source):
                units = _units(fold(piece.of(source)))
                if _enough_for_a_clause(units):
                    self._whole.add(tuple(unit for unit, _, _ in units))

    def find(self, text: str) -> list[Hit]:
        """Recited passages in order, not overlapping; ``Hit.key`` is ``recited``."""
        folded = fold(text)
        return [
            Hit(p.start, p.end, "recited") for p in merged([*self._runs(folded), *self._same(text, folded)])
        ]

    def _runs(self, folded: str) -> list[Passage]:
        units = _units(folded)
        words = [unit for unit, _, _ in units]
        covered = [False] * len(words)
        for i in range(len(words) - _GRAM + 1):
            if tuple(words[i : i + _GRAM]) in self._grams:
                covered[i : i + _GRAM] = [True] * _GRAM
        runs: list[Passage] = []
        start = 0
        for i, inside in enumerate([*covered, False]):
            if not inside:
                if _weight(units[start:i]) >= _ENOUGH_WEIGHT:
                    runs.append(Passage(units[start][1], units[i - 1][2]))
                start = i + 1
        return runs

    def _same(self, text: str, folded: str) -> list[Passage]:
        return [p for p in _pieces(text) if tuple(unit for unit, _, _ in _units(p.of(folded))) in self._whole]


def find_formal(text: str) -> list[Hit]:
    """Passages in the manner of a job description or a textbook, in order; ``Hit.key`` is ``formal``."""
    folded = fold(text)
    sentences = split_sentences(text)
    found = _headed(folded, sentences)
    for personal, several in groupby(sentences, key=lambda one: _is_personal(one.of(folded))):
        if not personal:
            found += _described(folded, list(several))
    return [Hit(passage.start, passage.end, "formal") for passage in merged(found)]


def _headed(folded: str, sentences: Sequence[Passage]) -> list[Passage]:
    """Sentences under a heading of a job description, with it."""
    found: list[Passage] = []
    under = False
    for one in sentences:
        said = one.of(folded)
        under = _HEADING.search(said) is not None or (under and _SPEAKER.search(said) is None)
        found += [one] if under else []
    return found


def _is_personal(sentence: str) -> bool:
    return _PERSONAL.search(_LISTED_NUMBER.sub("", sentence)) is not None


def _described(folded: str, sentences: Sequence[Passage]) -> list[Passage]:
    """What of some impersonal sentences in a row defines or describes a post: all of them together, or one by itself."""
    of_a_post = [
        [bool(_DUTY.match(piece) or _REQUIREMENT.search(piece)) for piece in _clauses_of(one.of(folded))]
        for one in sentences
    ]
    if _is_description([piece for each in of_a_post for piece in each]):
        where = [one for one, each in zip(sentences, of_a_post, strict=True) if any(each)]
        return [Passage(where[0].start, where[-1].end)]
    return [
        one
        for one, each in zip(sentences, of_a_post, strict=True)
        if _is_description(each) or _DEFINITION.search(one.of(folded))
    ]


def _is_description(pieces: Sequence[bool]) -> bool:
    return len(pieces) >= _MIN_DUTIES and 2 * sum(pieces) >= len(pieces)


def _clauses_of(sentence: str) -> list[str]:
    pieces = re.split(r"[，,；;：:]", _LISTED_NUMBER.sub("", sentence))
    return [piece for piece in pieces if any(c.isalnum() for c in piece)]


def _enough_for_a_clause(units: Sequence[tuple[str, int, int]]) -> bool:
    latin = all(unit.isascii() for unit, _, _ in units)
    return _weight(units) >= (_SHORTEST_LATIN_CLAUSE if latin else _SHORTEST_CLAUSE_WEIGHT)


def find_lists(text: str, lexicon: Lexicon) -> list[Hit]:
    """Keywords listed with nothing said about them, in order; ``Hit.key`` is ``listed``."""
    found: list[Passage] = []
    folded = fold(text)
    hits = lexicon.find(folded)
    at = 0
    for sentence in split_sentences(text):
        inside: list[Hit] = []
        while at < len(hits) and hits[at].start < sentence.end:
            inside.append(hits[at])
            at += 1
        if inside:
            clauses = split_clauses(text, sentence)
            for run in _runs_of(folded, inside):
                found += _listed(folded, run, clauses)
    return [Hit(p.start, p.end, "listed") for p in merged(found)]


def _runs_of(folded: str, hits: Sequence[Hit]) -> list[list[Hit]]:
    runs = [[hits[0]]]
    reach = hits[0].end
    for before, hit in pairwise(hits):
        reach = max(reach, before.end)
        if hit.start <= reach or _ONLY_JOINING.fullmatch(folded, reach, hit.start):
            runs[-1].append(hit)
        else:
            runs.append([hit])
    return runs


def _listed(folded: str, run: Sequence[Hit], clauses: Sequence[Passage]) -> list[Passage]:
    """The clauses of a run, or the run alone, when it is a list; else nothing."""
    start, end = run[0].start, max(hit.end for hit in run)
    at = bisect_right(clauses, start, key=lambda clause: clause.end)
    around = list(takewhile(lambda clause: clause.start < end, clauses[at : at + len(run)]))
    if not around:
        return []
    first, last = max(around[0].start, start - _AROUND), min(around[-1].end, end + _AROUND)
    before, after = folded[first:start], folded[end:last]
    rest = _JOIN.sub("", before) + " " + _JOIN.sub("", after)
    said = sum(2 if unit[0].isascii() else 1 for unit, _, _ in _units(rest))
    distinct = len({hit.key for hit in run})
    tells = len(run) == 1 and _TELLS & set(
        folded[start:end]
    )  # 接受了我的建议 is a keyword and a whole clause
    if said < 2 and not tells and not _PREDICATE_CHARACTERS & set(before + after):
        return [Passage(first, last)]
    governed = _GOVERNING.search(before[-12:]) if before.strip() else after.strip(" 。.，,")
    if governed and distinct <= _BARE_LIST and all(b.start <= a.end for a, b in pairwise(run)):
        return []  # 用Python分析数据: with nothing between them they are a phrase
    spelt = len({folded[hit.start : hit.end] for hit in run})
    if (distinct >= _BARE_LIST and said < 2 * distinct) or (
        distinct > 1 and spelt > _BARE_LIST and said < 2 * spelt
    ):
        return [Passage(first, last)]
    if distinct >= _LONG_LIST or (distinct >= _BARE_LIST and not governed):
        return [Passage(start, end)]
    return []


def merged(passages: Iterable[Passage]) -> list[Passage]:
    """Overlapping passages made one, in order."""
    result: list[Passage] = []
    for passage in sorted(passages):
        if result and passage.start <= result[-1].end:
            result[-1] = Passage(result[-1].start, max(result[-1].end, passage.end))
        else:
            result.append(passage)
    return result

"""Reading a pasted text: formatting removed, language told, lines sorted into duties, requirements and the rest.

Every step is linear in the length of the text, whatever the text is.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from typing import Literal

from app.core.errors import InvalidInput
from app.drafts.documents import DraftLanguage, Flag
from app.drafts.library import family_of_title, protected_patterns

LONGEST_RAW = 200_000
LONGEST_TEXT = 20_000
Section = Literal["unknown", "duties", "requirements", "other"]

_TAG_NAME = re.compile(r"</?([A-Za-z][A-Za-z0-9]{0,15})|<!")
_BLOCKS = frozenset(
    {"p", "div", "br", "li", "ul", "ol", "tr", "h1", "h2", "h3", "h4", "h5", "section", "table"}
)
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\u00ad]|[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_SPACES = re.compile(r"[ \t\u00a0\u3000]+")
_HAN = re.compile(r"[\u3400-\u9fff]")
_KANA = re.compile(r"[\u3041-\u30ff]")
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]")
_LETTER = re.compile(r"[^\W\d_]")
_ENGLISH = re.compile(
    r"\b(?:the|and|of|to|in|with|for|you|your|our|we|a|an|is|are|will|or|on|as|at|have|work|working|team|experience)\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"[A-Za-z\u00c0-\u024f']+")

_DUTIES = (
    r"岗位职责|工作职责|职位职责|主要职责|职责描述|职责范围|工作内容|岗位内容|职位描述|岗位描述|你将负责|您将负责|职责|"
    r"responsibilities|key responsibilities|what you(?:'|\u2019)?(?:ll| will) do|duties|job description|the role|your role|"
    r"about the (?:role|job)|what you do"
)
_REQUIREMENTS = (
    r"任职要求|任职资格|任职条件|岗位要求|职位要求|招聘要求|应聘要求|应聘条件|招聘条件|资格要求|基本要求|能力要求|我们希望你|我们期待你|"
    r"你需要具备|加分项|优先条件|要求|requirements?|qualifications|what you(?:'|\u2019)?(?:ll| will)? (?:bring|need|have)|"
    r"who you are|must[- ]haves?|skills|nice[- ]to[- ]haves?|preferred qualifications|"
    r"what we(?:'|\u2019)?re looking for|about you"
)
_OTHER = (
    r"福利待遇|薪资福利|薪酬福利|公司福利|员工福利|我们提供|福利|薪资待遇|薪资|薪酬|待遇|工作时间|工作地点|上班时间|上班地址|公司简介|"
    r"公司介绍|关于我们|企业介绍|联系方式|联系人|联系电话|投递方式|面试流程|"
    r"benefits|what we offer|perks|compensation|salary|"
    r"about (?:us|the company)|who we are|how to apply|location|contact|equal opportunity"
)
_HEADING = re.compile(
    rf"^\W{{0,4}}(?:[一二三四五六]\s?[、.．]\s?)?(?:(?P<duties>{_DUTIES})|(?P<requirements>{_REQUIREMENTS})|(?P<other>{_OTHER}))"
    r"\W{0,3}?(?:[:：】\]]\s*|$)",
    re.IGNORECASE,
)
_BULLET = re.compile(
    r"^(?:[\s•·●○■◆▪►✓√★☆*\-–—]+|[（(]?\d{1,2}[)）、.．:：]\s?|[①②③④⑤⑥⑦⑧⑨⑩]|[一二三四五六七八九十]、|[a-h][)）.]\s)+"
)
_NUMBERED = re.compile(
    r"(?<=[；;。.\s])(?=(?:[（(]\d{1,2}[)）]|\d{1,2}[、．)）]|\d{1,2}\.(?!\d)\s?)\s?[\u3400-\u9fffA-Z])"
)
PREFERRED = re.compile(
    r"优先|加分|者佳|为佳|更佳|\b(?:preferred|nice to have|a plus|bonus|desirable|ideally)\b", re.IGNORECASE
)
_CLAUSE_END = re.compile(r"[，,。；;！!\n、（）()]|\.(?=\s|$)")
_FAIRNESS = re.compile(
    r"不限|均可|皆可|不歧视|平等|一视同仁|生育保险|生育津贴|落户|户口(?:办理|指标|迁移)|产假|婚假"
)
_FAIR_LINE = re.compile(
    r"regardless of|without regard|equal[- ]opportunity|discriminat|all qualified", re.IGNORECASE
)
_TITLE_LINE = re.compile(
    r"^\W{0,3}(?:招聘岗位|招聘职位|岗位名称|职位名称|应聘岗位|岗位|职位|"
    r"job title|title|position|role)\s?[:：]\s*(?P<title>.+)$",
    re.IGNORECASE,
)
_HIRING = re.compile(
    r"(?:诚聘|急聘|急招|高薪聘请|招聘|聘请|招募|现招|寻找一[位名]|"
    r"we are (?:hiring|looking for)(?: an?)?|hiring(?: an?)?|seeking an?)"
    r"[:：\s]*(?P<title>[^\s，,。；;：:\n][^，,。；;：:\n]{1,29})",
    re.IGNORECASE,
)
_TITLE_HEAD = re.compile(
    r"^(?:[【\[（(][^】\]）)]{0,8}[】\]）)]|急招|急聘|诚聘|诚招|高薪|招聘|[】\]）)：:\s])+"
)
_TITLE_TAIL = re.compile(
    r"\s*(?:(?:月薪|底薪|包吃|包住|五险|双休).*|[（(【\[].*|\d+\s*[名位人].*|"
    r"[-—|｜/]?\s*\d+(?:\.\d+)?\s*[kK万千].*|若干.*|数名.*|"
    r" to join .*| who .*| with .*|[，,。；;].*)$"
)


@dataclass(frozen=True)
class Line:
    """One statement of a description, without its bullet."""

    text: str
    section: Section
    preferred: bool = False


@dataclass(frozen=True)
class Posting:
    """A job description that was read. ``text`` and ``lines`` hold nothing that was flagged; ``whole`` does."""

    language: DraftLanguage
    title: str | None
    text: str
    whole: str
    lines: tuple[Line, ...]
    flags: tuple[Flag, ...] = ()
    had_formatting: bool = False
    sections: frozenset[Section] = field(default=frozenset())


def plain_text(raw: str) -> tuple[str, bool]:
    """The text without tags, entities and invisible characters, and whether there was markup."""
    stripped, had_tags = _without_tags(raw)
    text = html.unescape(stripped) if had_tags or "&" in stripped else stripped
    text = _INVISIBLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    lines = (_SPACES.sub(" ", line).strip() for line in text.split("\n"))
    return "\n".join(line for line in lines if line), had_tags


def _without_tags(raw: str) -> tuple[str, bool]:
    pieces: list[str] = []
    position, found = 0, False
    lowered = raw.lower()
    while (start := raw.find("<", position)) >= 0:
        name = _TAG_NAME.match(raw, start)
        end = raw.find(">", start) if name else -1
        if name is None:
            pieces.append(raw[position : start + 1])
            position = start + 1
            continue
        if end < 0:
            break
        found = True
        pieces.append(raw[position:start])
        tag = (name[1] or "").lower()
        position = end + 1
        if tag in {"script", "style"} and raw[start + 1] != "/":
            close = lowered.find(f"</{tag}", position)
            position = len(raw) if close < 0 else close
        elif tag in _BLOCKS:
            pieces.append("\n")
    pieces.append(raw[position:])
    return "".join(pieces), found


def checked_text(raw: str) -> tuple[str, bool, DraftLanguage]:
    """Plain text, whether it had markup, and its language.

    Raises InvalidInput ``draft_text_empty``, ``draft_text_too_long``, ``draft_language_unsupported``.
    """
    text, had_markup = plain_text(raw)
    if not any(c.isalnum() for c in text):
        raise InvalidInput("draft_text_empty")
    if len(text) > LONGEST_TEXT:
        raise InvalidInput("draft_text_too_long", most=LONGEST_TEXT, count=len(text))
    language = language_of(text)
    if language is None:
        raise InvalidInput("draft_language_unsupported")
    return text, had_markup, language


def language_of(text: str) -> DraftLanguage | None:
    """Chinese where Han characters are many beside the Latin words; else English; None for another language."""
    letters = len(_LETTER.findall(text)) or 1
    han, words = len(_HAN.findall(text)), _WORD.findall(text)
    if len(_KANA.findall(text)) > 0.05 * letters or han + len(_LATIN.findall(text)) < 0.7 * letters:
        return None
    if han and han >= 0.3 * (han + len(words)):
        return "zh-CN"
    if len(words) <= 8:
        return "en" if text.isascii() else None
    return "en" if len(_ENGLISH.findall(text)) >= 0.08 * len(words) else None


def find_protected(text: str, language: DraftLanguage) -> tuple[str, list[Flag]]:
    """The text without the clauses that single people out by a protected attribute, and those clauses.

    A line that says nobody is singled out ("男女不限", "regardless of ...") is left alone.
    """
    kept: list[str] = []
    flags: dict[tuple[str, str], Flag] = {}
    for line in text.split("\n"):
        clauses = _clauses(line)
        clean = []
        fair = _FAIR_LINE.search(line) is not None
        for clause in clauses:
            category = None if fair or _FAIRNESS.search(clause) else _category(clause, language)
            if category is None:
                clean.append(clause)
            else:
                quote = (
                    _HEADING.sub("", _BULLET.sub("", clause)).strip(" ，,。；;！!、（）().")[:80]
                    or clause[:80]
                )
                flags.setdefault((category, quote), Flag(category=category, quote=quote))  # type: ignore[arg-type]
        line_kept = "".join(clean) if len(clean) == len(clauses) else _tidied("".join(clean))
        if any(c.isalnum() for c in _BULLET.sub("", line_kept)):
            kept.append(line_kept)
    return "\n".join(kept), list(flags.values())


def _clauses(line: str) -> list[str]:
    pieces, start = [], 0
    for match in _CLAUSE_END.finditer(line):
        pieces.append(line[start : match.end()])
        start = match.end()
    return [*pieces, line[start:]] if start < len(line) else pieces


def _category(clause: str, language: DraftLanguage) -> str | None:
    for tongue in (language, "en" if language == "zh-CN" else "zh-CN"):
        for category, pattern in protected_patterns()[tongue]:
            if pattern.search(clause):
                return category
    return None


def _tidied(line: str) -> str:
    """What is left after a clause was taken out, without dangling separators."""
    return re.sub(r"[（(]\s*[)）]", "", line).rstrip("，,、；; （(")


def read_posting(raw: str, title: str | None = None) -> Posting:
    """Read a job description. ``title`` wins over what the text says. Errors as ``checked_text``."""
    whole, had_markup, language = checked_text(raw)
    text, flags = find_protected(whole, language)
    lines = _sorted_lines(text)
    return Posting(
        language=language,
        title=title or _title(whole, language),
        text=text,
        whole=whole,
        lines=tuple(lines),
        flags=tuple(flags),
        had_formatting=had_markup,
        sections=frozenset(line.section for line in lines),
    )


def _sorted_lines(text: str) -> list[Line]:
    section: Section = "unknown"
    preferred_section = False
    found: list[Line] = []
    for piece in (piece for line in text.split("\n") for piece in _NUMBERED.split(line)):
        body = piece.strip()
        heading = _HEADING.match(body)
        if heading:
            section = heading.lastgroup or "unknown"  # type: ignore[assignment]
            preferred_section = bool(PREFERRED.search(heading.group()))
            body = body[heading.end() :].strip()
        body = _BULLET.sub("", body).strip()
        if any(c.isalnum() for c in body):
            found.append(Line(body, section, preferred_section or bool(PREFERRED.search(body))))
    return found


def _title(text: str, language: DraftLanguage) -> str | None:
    lines = text.split("\n")[:5]
    for line in lines:
        if match := _TITLE_LINE.match(line):
            return _shortened(match["title"])
    first = _BULLET.sub("", lines[0])
    hiring = _HIRING.search(first)
    if hiring and (title := _shortened(hiring["title"])):
        return title
    if len(first) <= 40 and not _HEADING.match(lines[0]):
        title = _shortened(first)
        if title and (family_of_title(title, language) or len(lines) > 1):
            return title
    for line in lines:
        if match := _HIRING.search(line):
            return _shortened(match["title"])
    return None


def _shortened(title: str) -> str | None:
    short = _TITLE_TAIL.sub("", _TITLE_HEAD.sub("", title.strip()[:120])).strip(" -—|｜/:：·.。*#")
    return short[:80] if any(c.isalnum() for c in short) else None

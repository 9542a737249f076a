"""Terms of a trade that no dictionary lists, taken from where descriptions name them ("熟悉进出口报关流程")."""

from __future__ import annotations

import re
from collections.abc import Iterable

from app.drafts.documents import DraftLanguage
from app.drafts.library import find_skills, skill_pattern
from app.drafts.reading import Line

_KNOWS = re.compile(
    r"(?:熟悉|精通|掌握|熟练(?:使用|掌握|操作|运用)?|擅长|了解|会使用|会操作)(?!.{0,3}能力)(?P<body>[^，,。；;！!：:\n]{2,48})"
    r"|(?<!没)有(?P<practice>[^，,。；;！!：:\n有]{2,24}?)(?:相关)?(?:工作|从业|项目|实战)?经[验历]"
)
_KNOWS_EN = re.compile(
    r"(?:experience (?:with|in|using)|proficien(?:t|cy) (?:in|with)|knowledge of|familiar(?:ity)? with|expertise in|"
    r"skilled in|background in|understanding of|command of|competence in)\s+(?P<body>[^.;:\n()]{2,120})",
    re.IGNORECASE,
)
_SPLIT = re.compile(r"、|/|以及|及其|及|和|与|或|等|（[^）]{0,30}）|\([^)]{0,30}\)|（|）|\(|\)")
_SPLIT_EN = re.compile(r",\s*|\s+(?:and|or|and/or|as well as|including|such as)\s+|/", re.IGNORECASE)
_HEAD = re.compile(
    r"^(?:至少|一种|一门|常用|主流|各类|各种|多种|相关|基本|其中|国家|以上|使用|运用|的|一定|一|丰富|过|任意|互联网常用)+"
)
_TAIL = re.compile(
    r"(?:的?(?:相关|基本|基础|专业)*(?:工作|使用|操作|理论|专业)*(?:经验|经历|知识|能力|技能|技巧|流程|原理|方法|工具|软件|框架|技术|者|优先|"
    r"背景|基础|特点|规则|常识|体系|机制|环境|业务))+$"
)
_TAIL_EN = re.compile(
    r"\s+(?:tools?|skills?|systems?|software|principles|concepts|practices|techniques|"
    r"experience|preferred|is a plus|a plus|required|etc)\b.*$",
    re.IGNORECASE,
)
_HEAD_EN = re.compile(
    r"^(?:the|a|an|at least one|one or more|other|various|"
    r"modern|common|relevant|similar|both|strong|basic|using|working)\s+",
    re.IGNORECASE,
)
_GENERIC = re.compile(
    r"沟通|能力|精神|责任|意识|团队|良好|优秀|较强|学习|抗压|态度|\d年|年以|以上|经验|优先|相关|办公|电脑|计算机|行业|专业|本科|大专|学历|语言表达|"
    r"公司|岗位|职位|以下|至少|其他|同类|同行|领域|英语|项目|产品$|市场$|业务$|客户$|软件$|工作|管理$|压力|情况|需求|医院$|企业|[一二三]级|三甲|平台$|互联网$"
)
_GENERIC_EN = re.compile(
    r"^(?:working|similar|related|other|others?|same|any|people|teams?|role|position|industry|field|customers?|clients?|business|sales|"
    r"communication|leadership|management|problem.solving|teamwork|both|english|marketing|environment|product|data|all|it|this|these|one)$|"
    r"\b(?:you|we|our|your|years?|ability|skills?|degree)\b",
    re.IGNORECASE,
)
_LATIN = re.compile(r"(?<![A-Za-z0-9])[A-Za-z][A-Za-z0-9+#]*(?:[./-][A-Za-z0-9+#]+){0,2}")
# Addresses, and four Latin words in a row: an English sentence inside a Chinese description names no tools.
_NO_TERMS = re.compile(
    r"https?:\S{1,200}|www\.\S{1,200}|[\w.+-]{1,64}@\S{1,100}|[A-Za-z']+(?:[ ,.]{1,2}[A-Za-z']+){3,60}"
)
_PLAIN = frozenset(
    [
        "kpi",
        "okr",
        "hr",
        "hrbp",
        "jd",
        "it",
        "pc",
        "app",
        "offer",
        "base",
        "title",
        "am",
        "pm",
        "ok",
        "id",
        "vs",
        "etc",
        "office",
        "word",
        "ppt",
        "excel",
        "powerpoint",
        "outlook",
        "wps",
        "to",
        "b",
        "c",
        "d",
        "and",
        "or",
        "the",
        "of",
        "in",
        "with",
        "for",
        "a",
        "an",
        "i",
        "ii",
        "iii",
        "top",
        "bd",
        "ceo",
        "cto",
        "cfo",
        "vip",
        "pk",
        "logo",
        "web",
        "ui",
        "ux",
        "ai",
        "api",
        "bug",
        "code",
        "review",
        "tob",
        "toc",
        "b2b",
        "b2c",
        "saas",
        "cm",
        "kg",
        "wechat",
        "qq",
        "email",
        "e-mail",
        "http",
        "https",
        "www",
        "com",
        "cn",
        "demo",
        "title",
        "mail",
        "tel",
    ]
)
_LONGEST_ZH, _LONGEST_EN = 10, 40


def terms_of(lines: Iterable[Line], language: DraftLanguage, most: int = 8) -> list[str]:
    """Named terms that are no skill of the dictionary, in order, each once, at most ``most``."""
    found: dict[str, str] = {}
    for line in lines:
        if line.section == "other":
            continue
        for term in _named(line, language):
            found.setdefault(term.casefold(), term)
            if len(found) >= most:
                return list(found.values())
    return list(found.values())


def _named(line: Line, language: DraftLanguage) -> Iterable[str]:
    if language == "en":
        for match in _KNOWS_EN.finditer(line.text):
            for piece in _SPLIT_EN.split(match["body"]):
                term = _TAIL_EN.sub("", _HEAD_EN.sub("", piece.strip())).strip(" -'\"")
                if (
                    2 < len(term) <= _LONGEST_EN
                    and len(term.split()) <= 4
                    and _is_new(term)
                    and not _GENERIC_EN.search(term)
                ):
                    yield term
        return
    for match in _KNOWS.finditer(line.text):
        for piece in _SPLIT.split(match["body"] or match["practice"]):
            term = _TAIL.sub("", _HEAD.sub("", piece.strip()))
            if (
                2 <= len(term) <= _LONGEST_ZH
                and _is_new(term)
                and not _GENERIC.search(term)
                and not term.isascii()
            ):
                yield term
    for match in _LATIN.finditer(_NO_TERMS.sub("、", skill_pattern()[0].sub("、", line.text))):
        term = match.group().rstrip(".-/")
        if 2 <= len(term) <= 24 and term.casefold() not in _PLAIN and _is_new(term):
            yield term


def _is_new(term: str) -> bool:
    return not find_skills(term) and term.casefold() not in skill_pattern()[1]

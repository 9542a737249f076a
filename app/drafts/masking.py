"""What must not leave us is masked before a text goes to a language model: names, phones, e-mails, links, ID numbers.

By rules, so not complete; whether a résumé is sent at all is the company's decision.
"""

from __future__ import annotations

import re
import unicodedata

_SIGNS = frozenset(
    "@.+-_/ "
)  # those of addresses and numbers; a text's own punctuation stays as it is written
_UNSEEN = dict.fromkeys(map(ord, "\u200b\u2060\ufeff"))
_EMAIL = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,5}")
_LINK = re.compile(  # a homepage or a profile is a name
    r"(?:https?://|www\.)[!-~]+|(?<![A-Za-z0-9.-])(?:[a-z]{1,10}\.)?(?:github|gitee|gitlab|linkedin)\.com/[!-~]+",
    re.IGNORECASE,
)
_ID_NUMBER = re.compile(
    r"(?<![0-9A-Za-z])\d{6}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx](?![0-9A-Za-z])"
)
_LONG_NUMBER = re.compile(r"(?<![0-9A-Za-z])\d{15,19}(?![0-9A-Za-z])")
_PASSPORT = re.compile(r"(?<![0-9A-Za-z])[A-Z]{1,2}\d{7,8}(?![0-9A-Za-z])")
_PHONE = re.compile(  # mobile, landline with area code, international
    r"(?<![\d.])(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?!\d)|(?<!\d)0\d{2,3}[- ]\d{7,8}(?!\d)|"
    r"(?<!\d)\+\d{1,3}[- ]?(?:\(?\d{1,4}\)?[- ]?){2,5}\d{2,4}(?!\d)"
)
_HANDLE = re.compile(r"((?:微信号?|QQ号?|WeChat(?: ID)?|V信)\s*[:：]?\s*)[A-Za-z0-9_-]{5,20}", re.IGNORECASE)
_CONTACT = re.compile(r"((?:联系人|招聘负责人)\s*[:：]?\s*)([\u4e00-\u9fff·]{2,4})")
_NAMED = re.compile(r"((?:姓\s?名|联系人|\bname)\s*[:：]\s*)([^\s，,；;|/]{1,20})", re.IGNORECASE)
_ADDRESS = re.compile(
    r"((?:家庭住址|现住址|住址|通讯地址|\baddress)\s*[:：]\s*)([^\n，,；;]{2,60})", re.IGNORECASE
)
_BORN = re.compile(
    r"((?:出生(?:日期|年月)|生日|date of birth|born)\s*[:：]?\s*)([\d年月日./-]{4,12})", re.IGNORECASE
)


def mask(text: str, *names: str) -> str:
    """The text with personal identifiers replaced; ``names`` are those of the person, replaced wherever they stand."""
    text = _LINK.sub("[LINK]", _plain(text))
    for name in sorted(
        {_plain(name).strip() for name in names if len(name.strip()) > 1}, key=len, reverse=True
    ):
        text = re.sub(re.escape(name), "[NAME]", text, flags=re.IGNORECASE)
    text = _EMAIL.sub("[EMAIL]", text)
    text = _ID_NUMBER.sub("[ID]", text)
    text = _PHONE.sub("[PHONE]", text)
    text = _LONG_NUMBER.sub("[NUMBER]", text)
    text = _PASSPORT.sub("[ID]", text)
    text = _HANDLE.sub(r"\1[ACCOUNT]", text)
    for pattern, sign in (
        (_CONTACT, "[NAME]"),
        (_NAMED, "[NAME]"),
        (_ADDRESS, "[ADDRESS]"),
        (_BORN, "[DATE]"),
    ):
        text = pattern.sub(rf"\1{sign}", text)
    return text


def _plain(text: str) -> str:
    """The same text with the letters, digits and signs of addresses as the rules know them (NFKC): １３８ is 138."""
    return "".join(map(_plain_mark, text.translate(_UNSEEN)))


def _plain_mark(mark: str) -> str:
    if mark.isascii():
        return mark
    if mark.isdecimal():
        return str(unicodedata.decimal(mark))
    plain = unicodedata.normalize("NFKC", mark)
    is_meant = plain.isascii() and len(plain) == 1 and (plain.isalpha() or plain in _SIGNS)
    return plain if is_meant else mark

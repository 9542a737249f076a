"""Phone numbers and e-mail addresses: one spelling for equal numbers, and what of one may be shown."""

from __future__ import annotations

import re

from app.core.errors import InvalidInput

_E164 = re.compile(r"\+[1-9]\d{7,14}")
_MAINLAND_MOBILE = re.compile(r"1[3-9]\d{9}")
_SEPARATORS = re.compile(r"[\s().\-\u2010-\u2015]+")


def normalise_phone(written: str) -> str:
    """A number as E.164 (ITU-T E.164: + and 8 to 15 digits). Without a country code it is a mainland mobile number.

    Raises InvalidInput ``phone_invalid``.
    """
    bare = _SEPARATORS.sub("", written.translate(_HALF_WIDTH))
    bare = re.sub(r"^00", "+", bare)
    if _MAINLAND_MOBILE.fullmatch(bare):
        return f"+86{bare}"
    if _E164.fullmatch(bare) and (not bare.startswith("+861") or _MAINLAND_MOBILE.fullmatch(bare[3:])):
        return bare
    raise InvalidInput("phone_invalid")


def mask_phone(phone: str) -> str:
    """Enough of an E.164 number for its owner to know it: ``138****5678``, elsewhere the country and two digits."""
    if phone.startswith("+86"):
        return f"{phone[3:6]}****{phone[-4:]}"
    return f"{phone[:2]}{'*' * (len(phone) - 4)}{phone[-2:]}"


def mask_email(address: str) -> str:
    """Enough of an e-mail address for its owner to know it: ``m***@e***.com``."""
    name, _, host = address.rpartition("@")
    place, _, ending = host.rpartition(".")
    return f"{name[:1]}***@{place[:1]}***.{ending}"


_HALF_WIDTH = {ord("０") + n: ord("0") + n for n in range(10)} | {ord("＋"): ord("+")}

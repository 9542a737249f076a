"""What the company decided: one form, each choice with what it changes for candidates; and the group that is told of alerts.

Owners change it; recruiters, who answer candidates' questions, read it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from flask import Response, request
from pydantic import ValidationError

from app.alerts import telling
from app.alerts.schemas import WebhookFormat, WebhookIn
from app.core import catalogue
from app.core.catalogue import languages
from app.core.errors import InvalidInput, OutsideError
from app.http.actors import actor
from app.http.callers import allow, caller
from app.http.limits import limiter, person_key
from app.pages.blueprint import blueprint, person, see
from app.pages.rendering import page_language, render_page
from app.policies.models import Policy
from app.policies.schemas import PolicyPatch
from app.policies.service import change_policy, get_policy
from tenants.tenancy import tenant_scope

SETTINGS = "/hr/settings"
READERS = ("owner", "recruiter")
SWITCHES = ("candidate_sees_report", "blind_review", "resume_to_language_model")
MOMENTS = ("sending_from_minute", "sending_until_minute")
NUMBERS: Mapping[str, tuple[int, int]] = {"answer_within_hours": (1, 720), "retention_days": (1, 3650)}
TEXTS: Mapping[str, int] = {"face_reason": 500, "privacy_contact": 200}
CHOICES = ("face_analysis", "language")
USUAL_ZONES = (
    "Asia/Shanghai",
    "Asia/Hong_Kong",
    "Asia/Taipei",
    "Asia/Singapore",
    "Asia/Tokyo",
    "Europe/London",
)
_BESIDE = {
    "sending_hours_invalid": "sending_until_minute",
    "face_weight_without_facts": "face_weight",
    "face_weight_without_reason": "face_reason",
}
"""Beside which field a refusal of the whole is said."""
_ROBOT_TROUBLES = ("robot_unknown", "robot_refused", "robot_busy", "robot_down", "robot_address_refused")


def setting_words(key: str, **params: Any) -> str:
    """Words of this page in the page's language."""
    return catalogue.text(page_language(), f"settings.{key}", **params)


@blueprint.get(SETTINGS)
@allow(*READERS)
def show_settings() -> Response:
    """What is set, and for owners the forms to change it."""
    return _page(_fields_of(get_policy()))


@blueprint.post(SETTINGS)
@allow("owner")
def change_settings() -> Response:
    """Save the form as a whole; what cannot be saved is said beside its field and everything entered stays."""
    fields = {name: words.strip() for name, words in request.form.items()}
    changes, errors = _read(fields)
    if not errors:
        try:
            change_policy(actor(), changes)
        except InvalidInput as refusal:
            errors[_BESIDE[refusal.code]] = _refusal(refusal.code)
    if errors:
        return _page(fields, errors, status=422)
    return see(f"{SETTINGS}?said=saved")


@blueprint.post(f"{SETTINGS}/robot")
@allow("owner")
def change_robot() -> Response:
    """Tell a group from now on, or none any more."""
    if request.form.get("action") == "remove":
        telling.remove_webhook(actor())
        return see(f"{SETTINGS}?said=robot.removed#robot")
    given = {name: request.form.get(name, "") for name in ("format", "url", "secret")}
    try:
        robot = WebhookIn.model_validate(given)
        telling.set_webhook(
            actor(), form=robot.format, url=robot.url, secret=robot.secret, language=page_language()
        )
    except ValidationError as error:
        part = str(error.errors()[0]["loc"][0])
        words = setting_words("errors.choice") if part == "format" else _refusal("robot_address_refused")
        return _page(_fields_of(get_policy()), {part: words}, robot=given, status=422)
    except InvalidInput as refusal:
        return _page(_fields_of(get_policy()), {"url": _refusal(refusal.code)}, robot=given, status=422)
    return see(f"{SETTINGS}?said=robot.stored#robot")


@blueprint.post(f"{SETTINGS}/robot/trial")
@allow("owner", transaction=False)
@limiter.limit("6/minute", key_func=person_key)
def try_robot() -> Response:
    """Send a greeting to the group now; the page says what came of it."""
    with tenant_scope(caller().tenant_id or "", read_only=True):
        parcel = telling.pack_trial()
    try:
        telling.post(parcel)
    except OutsideError as error:
        return see(f"{SETTINGS}?trouble={error.reason}#robot")
    return see(f"{SETTINGS}?said=robot.tried#robot")


def _page(
    fields: Mapping[str, str],
    errors: Mapping[str, str] | None = None,
    *,
    robot: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response:
    said, trouble = request.args.get("said"), request.args.get("trouble")
    facts = telling.webhook_facts()
    return render_page(
        "settings.html",
        status,
        s=setting_words,
        person=person(),
        may_edit=caller().role == "owner",
        fields=fields,
        errors=errors or {},
        facts=facts,
        robot=robot or {"format": facts.format or "wecom", "url": "", "secret": ""},
        formats=WebhookFormat.__args__,  # type: ignore[attr-defined]
        why=_refusal(facts.reason) if facts.reason else "",
        tongues=languages(),
        zones=USUAL_ZONES,
        said=setting_words(said) if said in {"saved", "robot.stored", "robot.removed", "robot.tried"} else "",
        trouble=_refusal(trouble) if trouble in _ROBOT_TROUBLES else "",
    )


def _fields_of(policy: Policy) -> dict[str, str]:
    """The policy as the form shows it."""
    fields = {name: str(getattr(policy, name)) for name in (*NUMBERS, *TEXTS, *CHOICES, "time_zone")}
    fields |= {name: "on" for name in SWITCHES if getattr(policy, name)}
    fields |= {name: _clock(getattr(policy, name)) for name in MOMENTS}
    return fields | {"face_weight": f"{policy.face_weight_hundredths / 100:.2f}"}


def _read(fields: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    """(what to change, what is wrong by field). A box that is not ticked is not sent; everything else has to be there."""
    given: dict[str, Any] = {name: name in fields for name in SWITCHES}
    given |= {name: fields.get(name, "") for name in (*NUMBERS, *TEXTS, *CHOICES, "time_zone")}
    given |= {name: _minute(fields.get(name, "")) for name in MOMENTS}
    given["face_weight_hundredths"] = _hundredths(fields.get("face_weight", ""))
    try:
        return PolicyPatch.model_validate(given).model_dump(exclude_none=True), {}
    except ValidationError as error:
        wrong = [str(one["loc"][0]) for one in error.errors()]
    return {}, {name.replace("_hundredths", ""): _error_words(name) for name in wrong}


def _error_words(name: str) -> str:
    if name in NUMBERS:
        least, most = NUMBERS[name]
        return setting_words("errors.number", least=least, most=most)
    if name in TEXTS:
        return setting_words("errors.long", most=TEXTS[name])
    if name in MOMENTS:
        return setting_words("errors.moment")
    if name == "face_weight_hundredths":
        return setting_words("face_weight.error")
    return setting_words("errors.zone" if name == "time_zone" else "errors.choice")


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def _minute(words: str) -> int | str:
    """Minutes from midnight of 08:30; anything else as it is, to be refused. Midnight at the end of a day is 24:00."""
    found = re.fullmatch(r"(\d{1,2})[:：]([0-5]\d)", words)
    return 60 * int(found[1]) + int(found[2]) if found else f"?{words}"


def _hundredths(words: str) -> int | str:
    found = re.fullmatch(r"(\d)(?:\.(\d{1,2}))?", words)
    return 100 * int(found[1]) + int((found[2] or "").ljust(2, "0")) if found else f"?{words}"


def _refusal(code: str) -> str:
    """What a refusal says: what is the matter and what to do."""
    known = code if catalogue.has(f"errors.{code}.title") else "internal_error"
    title, detail, then = (
        catalogue.text(page_language(), f"errors.{known}.{part}") for part in ("title", "detail", "next")
    )
    return f"{title}。{detail}{then}" if page_language() == "zh-CN" else f"{title}. {detail} {then}"

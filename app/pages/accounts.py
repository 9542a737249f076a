"""Pages about accounts: one's own password, and for owners who works here, in which role, and whether they can sign in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from flask import Response, request
from pydantic import BaseModel, ValidationError

from app.core import catalogue
from app.core.errors import Conflict, DomainError, InvalidInput
from app.http.actors import actor
from app.http.callers import STAFF, allow, caller
from app.http.limits import limiter, person_key
from app.http.pagination import PageQuery, fetch_page
from app.pages import sessions
from app.pages.blueprint import blueprint, person, see
from app.pages.rendering import page_language, refusal_words, render_page
from app.users import service
from app.users.models import User
from app.users.passwords import MAX_PASSWORD_LENGTH, MIN_PASSWORD_LENGTH
from app.users.schemas import PasswordIn, UserIn, UserPatch

PASSWORD, COLLEAGUES = "/hr/password", "/hr/colleagues"
Form = TypeVar("Form", bound=BaseModel)
NEW_PERSON = ("name", "email", "role")
"""What stays in the form when it is refused; a password never does."""


def account_words(key: str, **params: Any) -> str:
    """Words of these pages in the page's language."""
    return catalogue.text(page_language(), f"accounts.{key}", **params)


@blueprint.get(PASSWORD)
@allow(*STAFF)
def show_password() -> Response:
    """The form to change one's own password."""
    return _password_page()


@blueprint.post(PASSWORD)
@allow(*STAFF)
@limiter.limit("10/minute", key_func=person_key)
def change_password() -> Response:
    """Change one's own password: every other session ends, one's phone is unbound, this browser goes on."""
    form = request.form
    if form.get("new_password") != form.get("again"):
        return _password_page({"again": account_words("wrong.again")}, status=422)
    given, wrong = _read(PasswordIn, {name: form.get(name, "") for name in PasswordIn.model_fields})
    if given is None:
        return _password_page(wrong, status=422)
    try:
        pair = service.change_own_password(caller().subject, given.current_password, given.new_password)
    except InvalidInput as error:
        return _password_page(refusal=error, status=error.status)
    return sessions.keep(see(f"{PASSWORD}?changed=1"), pair)


@blueprint.get(COLLEAGUES)
@allow("owner")
def show_colleagues() -> Response:
    """Everybody of the company, and the form to add somebody."""
    return _colleagues_page()


@blueprint.post(COLLEAGUES)
@allow("owner")
@limiter.limit("60/minute", key_func=person_key)
def add_colleague() -> Response:
    """Add a person; what is wrong is said beside its field and everything but the password stays."""
    form = {name: request.form.get(name, "").strip() for name in NEW_PERSON}
    given, wrong = _read(UserIn, {**form, "password": request.form.get("password", "")})
    if given is None:
        return _colleagues_page(form, wrong, status=422)
    try:
        added = service.add_user(actor(), **given.model_dump())
    except Conflict as refusal:
        return _colleagues_page(form, refusal=refusal, status=refusal.status)
    return see(f"{COLLEAGUES}?added={added.id}")


@blueprint.post(f"{COLLEAGUES}/<user_id>")
@allow("owner")
@limiter.limit("60/minute", key_func=person_key)
def change_colleague(user_id: str) -> Response:
    """Change a person's role, set a new password, or say whether they can sign in; their sessions end."""
    action = request.form.get("action", "")
    if action not in {"role", "password", "status"}:
        raise InvalidInput("form_incomplete")
    given, wrong = _read(UserPatch, {action: request.form.get(action, "")})
    if given is None:
        return _colleagues_page(wrong={f"{user_id}.{action}": words for words in wrong.values()}, status=422)
    try:
        service.change_user(actor(), user_id, **given.model_dump())
    except Conflict as refusal:
        return _colleagues_page(refusal=refusal, status=refusal.status)
    return see(f"{COLLEAGUES}?changed={user_id}")


def _read(form: type[Form], fields: Mapping[str, str]) -> tuple[Form | None, dict[str, str]]:
    """The form, or what is wrong beside its fields."""
    try:
        return form.model_validate(fields), {}
    except ValidationError as error:
        names = {str(one["loc"][0]) for one in error.errors()}
    return None, {name: account_words(f"wrong.{name}", least=MIN_PASSWORD_LENGTH) for name in names}


def _password_page(
    wrong: Mapping[str, str] | None = None, refusal: DomainError | None = None, status: int = 200
) -> Response:
    return _page(
        "password.html", status, wrong=wrong or {}, refusal=refusal, changed="changed" in request.args
    )


def _colleagues_page(
    fields: Mapping[str, str] | None = None,
    wrong: Mapping[str, str] | None = None,
    refusal: DomainError | None = None,
    status: int = 200,
) -> Response:
    rows, cursor = fetch_page(service.users(), User.id, PageQuery(cursor=request.args.get("cursor")))
    return _page(
        "colleagues.html",
        status,
        rows=rows,
        me=caller().subject,
        roles=STAFF,
        fields=fields or dict.fromkeys(NEW_PERSON, ""),
        wrong=wrong or {},
        refusal=refusal,
        touched=request.args.get("added") or request.args.get("changed"),
        added="added" in request.args,
        next_url=f"{COLLEAGUES}?cursor={cursor}" if cursor else None,
    )


def _page(name: str, status: int, *, refusal: DomainError | None, **values: Any) -> Response:
    return render_page(
        name,
        status,
        person=person(),
        a=account_words,
        refusal=refusal_words(refusal) if refusal else None,
        least=MIN_PASSWORD_LENGTH,
        most=MAX_PASSWORD_LENGTH,
        **values,
    )

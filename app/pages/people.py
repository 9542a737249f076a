"""HR's pages about its own people: signing in on a phone, and who sees a position."""

from __future__ import annotations

from datetime import datetime

from flask import Response, request

from app.core.errors import Forbidden, InvalidInput
from app.http.actors import actor
from app.http.callers import STAFF, allow, caller
from app.http.limits import limiter, person_key
from app.pages.blueprint import blueprint, person, see
from app.pages.rendering import local, refusal_words, render_page, words
from app.positions import members
from app.positions.service import get_position
from app.users import phones
from app.users.passwords import MAX_PASSWORD_LENGTH
from app.users.service import colleagues
from tenants.tenancy import get_tenant

PHONE = "/hr/phone"
MANAGERS = ("owner", "recruiter")


@blueprint.get(PHONE)
@allow(*STAFF)
def show_phone() -> Response:
    """Whether my phone is bound; for owners, everybody's."""
    return _phone_page()


@blueprint.post(PHONE)
@allow(*STAFF)
@limiter.limit("20/minute", key_func=person_key)
def change_phone() -> Response:
    """Make a one-time code, which is shown on this one page, or unbind a phone; an owner unbinds anybody's."""
    me, action = caller().subject, request.form.get("action", "")
    if action == "code":
        return _code_page(me, request.form.get("password", "")[:MAX_PASSWORD_LENGTH])
    if action != "unbind":
        raise InvalidInput("form_incomplete")
    who = request.form.get("user") or me
    if who != me and caller().role != "owner":
        raise Forbidden("role_not_allowed")
    phones.unbind(actor(), who)
    return see(f"{PHONE}?unbound=1")


@blueprint.get("/hr/positions/<position_id>/people")
@allow(*MANAGERS)
def show_people(position_id: str) -> Response:
    """Who sees a position, and who could be added."""
    position, found = get_position(position_id), members.members_of(position_id)
    known = {one.user_id for one in found}
    others = [one for one in colleagues() if one.id not in known and one.role != "owner"]
    return render_page("people.html", person=person(), position=position, members=found, others=others)


@blueprint.post("/hr/positions/<position_id>/people")
@allow(*MANAGERS)
def change_people(position_id: str) -> Response:
    """Add or remove somebody, keep the position to its members, or show it to every recruiter."""
    who, action = request.form.get("user", ""), request.form.get("action", "")
    if action == "add":
        members.add_member(actor(), position_id, who)
    elif action == "remove":
        members.remove_member(actor(), position_id, who)
    elif action in {"restrict", "unrestrict"}:
        members.restrict(actor(), position_id, action == "restrict")
    else:
        raise InvalidInput("form_incomplete")
    return see(f"/hr/positions/{position_id}/people")


def _code_page(me: str, password: str) -> Response:
    try:
        return _phone_page(phones.make_code(me, password))
    except InvalidInput as error:
        return _phone_page(refusal=error)


def _phone_page(code: phones.MadeCode | None = None, refusal: InvalidInput | None = None) -> Response:
    me = caller().subject
    people = colleagues() if caller().role == "owner" else []
    bound = phones.bound_at_of([me, *(one.id for one in people)])
    response = render_page(
        "phone.html",
        refusal.status if refusal else 200,
        person=person(),
        company=get_tenant(caller().tenant_id or "").slug,
        code=code.code if code else None,
        until=words("phone.until", at=local(code.expires_at)) if code else "",
        refusal=refusal_words(refusal) if refusal else None,
        mine=_state(bound.get(me)),
        is_mine_bound=me in bound,
        people=[(one, _state(bound.get(one.id)), one.id in bound) for one in people if one.id != me],
        unbound=bool(request.args.get("unbound")),
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def _state(bound_at: datetime | None) -> str:
    return words("phone.bound", at=local(bound_at)) if bound_at else words("phone.not_bound")

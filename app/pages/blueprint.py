"""The pages' blueprint: headers, who is signed in, and what a page says when something is refused."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from apiflask import APIBlueprint
from flask import Response, make_response, redirect, request
from flask_limiter.errors import RateLimitExceeded

from app.core import catalogue
from app.core.database import db
from app.core.errors import DomainError, NotAuthenticated
from app.http.callers import caller
from app.pages import sessions
from app.pages.around import OUTCOMES
from app.pages.rendering import HOME, dress, page_language, render_page, render_problem
from app.users.models import User
from tenants.tenancy import get_tenant

KEPT_FORMS = ("/hr/drafts/", "/hr/positions/new", "/hr/preassessments/")
"""Forms that hold long work of a person: shown again to be confirmed when the session ran out meanwhile."""
blueprint = APIBlueprint("pages", __name__, enable_openapi=False)
blueprint.after_request(dress)


@dataclass(frozen=True)
class Person:
    """Who is signed in, as the top of every page says."""

    name: str
    role: str
    company: str
    csrf_token: str


def person() -> Person:
    """Whoever is signed in."""
    who = caller()
    user = db.session.get_one(User, who.subject)
    return Person(user.name, user.role, get_tenant(who.tenant_id or "").name, sessions.csrf_token())


def see(target: str) -> Response:
    """Go on to another page with a GET."""
    return make_response(redirect(target, 303))


@blueprint.errorhandler(NotAuthenticated)
def _sign_in_first(_error: NotAuthenticated) -> Response:
    """Renew quietly, sign in, or have a form confirmed that was filled in while the session ran out."""
    if request.method != "GET":
        return _confirm()
    query = urlencode({"next": request.full_path.rstrip("?")})
    return see(f"/hr/renew?{query}")


@blueprint.errorhandler(RateLimitExceeded)
def _limited(_error: RateLimitExceeded) -> Response:
    return render_problem("too_many_requests", 429)


@blueprint.errorhandler(DomainError)
def _refused(error: DomainError) -> Response:
    return render_problem(error.code, error.status, **error.params)


def _confirm() -> Response:
    pair = sessions.renew()
    outcome = request.form.get("outcome", "")
    if pair is not None and request.path.startswith(KEPT_FORMS):
        kept = [(k, v) for k, v in request.form.items(multi=True) if k != "csrf_token"]
        csrf = sessions.csrf_token_of(pair)
        form = render_page("confirm_form.html", fields=kept, csrf=csrf, action=request.path)
        return sessions.keep(form, pair)
    if pair is None or not request.path.endswith("/decision") or outcome not in OUTCOMES:
        page = see("/hr/sign-in")
        return sessions.forget(page) if pair is None else sessions.keep(see(HOME), pair)
    fields = {name: request.form.get(name, "") for name in ("outcome", "reason", "next_steps")}
    page = render_page(
        "confirm.html",
        outcome_words=catalogue.text(page_language(), f"decisions.outcomes.{outcome}"),
        fields={**fields, "csrf_token": sessions.csrf_token_of(pair)},
        action=request.path,
    )
    return sessions.keep(page, pair)

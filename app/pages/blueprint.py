"""The pages' blueprint: headers, who is signed in, and what a page says when something is refused."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from apiflask import APIBlueprint
from flask import Response, make_response, redirect, request
from flask_limiter.errors import RateLimitExceeded
from werkzeug.exceptions import NotFound

from app.core import catalogue
from app.core.database import db
from app.core.errors import DomainError, NotAuthenticated
from app.http.callers import caller
from app.http.problems import problem
from app.pages import sessions
from app.pages.around import OUTCOMES
from app.pages.rendering import HOME, dress, page_language, render_page, render_problem
from app.users.models import User
from tenants.tenancy import get_tenant

KEPT_FORMS = ("/hr/drafts/", "/hr/faq", "/hr/positions/new", "/hr/preassessments/", "/hr/settings")
"""Forms that hold long work of a person: shown again to be confirmed when the session ran out meanwhile."""
blueprint = APIBlueprint("pages", __name__, enable_openapi=False)
blueprint.after_request(dress)

FORMS = {
    "decision": ("outcome", "reason", "next_steps"),
    "appeal": ("answer", "outcome", "decision", "reason", "next_steps"),
    "thread": ("body",),
    "invitations": ("name", "phone", "email", "window_starts_at", "window_ends_at", "materials"),
}
"""The fields of a form that are shown when it has to be confirmed, by the last part of its address."""
CHOICES = ("outcome", "decision")
CHOICE_VALUES = (*OUTCOMES, "confirmed", "revised")


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


@blueprint.app_errorhandler(NotFound)
def _nowhere(_error: NotFound) -> Response:
    """An address nobody serves: below ours a page with a way back, elsewhere the problem of the API."""
    if not request.path.startswith("/hr/"):
        return problem("not_found", 404)
    return dress(render_problem("not_found", 404))


@blueprint.errorhandler(DomainError)
def _refused(error: DomainError) -> Response:
    return render_problem(error.code, error.status, **error.params)


def _confirm() -> Response:
    """A form that came when the session had run out, to be confirmed in the new one, so that no words are lost."""
    pair = sessions.renew()
    if pair is None:
        return sessions.forget(see("/hr/sign-in"))
    names = FORMS.get(request.path.rpartition("/")[2], ())
    if not names and not (request.path.startswith(KEPT_FORMS) or request.path.endswith("/resume")):
        return sessions.keep(see(HOME), pair)
    given = [(name, words) for name, words in request.form.items(multi=True) if name != "csrf_token"]
    page = render_page(
        "confirm.html",
        fields=given,
        shown=[
            (name, _choice_words(words) if name in CHOICES else words)
            for name, words in given
            if name in names and words.strip()
        ],
        csrf_token=sessions.csrf_token_of(pair),
        action=request.path,
    )
    return sessions.keep(page, pair)


def _choice_words(choice: str) -> str:
    """What a chosen outcome is called; a made-up one as it is, to be refused when it is sent."""
    key = f"decisions.outcomes.{choice}"
    key = key if catalogue.has(key) else f"pages.waiting.{choice}"
    return catalogue.text(page_language(), key) if choice in CHOICE_VALUES else choice

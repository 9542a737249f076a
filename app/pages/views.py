"""The pages a browser sees: front, sign-in, the list of interviews, an interview's report, an invitation's link."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

import structlog
from apiflask import APIBlueprint
from flask import Response, make_response, redirect, request
from flask_limiter.errors import RateLimitExceeded
from flask_limiter.util import get_remote_address
from pydantic import ValidationError

from app.core import catalogue
from app.core.database import db
from app.core.errors import Conflict, DomainError, InvalidInput, NotAuthenticated, OutsideError
from app.decisions.schemas import DecisionIn
from app.decisions.service import decide
from app.http.actors import actor
from app.http.callers import DECIDERS, STAFF, allow, caller
from app.http.limits import account_key, limiter
from app.http.pagination import PageQuery, fetch_page
from app.interviews.models import Interview
from app.messages.service import resolve_message
from app.pages import sessions
from app.pages.around import OUTCOMES, decision_form, page_frame, tickets
from app.pages.links import code_image, open_link
from app.pages.rendering import (
    HOME,
    dress,
    nonce,
    page_language,
    render_page,
    render_problem,
    words,
    zone_name,
)
from app.pages.unsure import RESOLVERS, unsure_messages
from app.policies.service import get_policy
from app.reports.listing import STATUSES, counts, interviews_in, listed, one
from app.reports.render import (
    render_report_html,
)
from app.reports.service import progress
from app.reports.showing import report_for_hr
from app.users.models import User
from app.users.service import sign_in as open_browser_session
from app.users.sessions import end_family
from tenants.tenancy import get_tenant, tenant_transaction

log = structlog.get_logger("pages")
blueprint = APIBlueprint("pages", __name__, enable_openapi=False)
blueprint.after_request(dress)


@dataclass(frozen=True)
class Person:
    """Who is signed in, as the top of every page says."""

    name: str
    role: str
    company: str
    csrf_token: str


# --- anybody ----------------------------------------------------------------------------------------------------------


@blueprint.get("/")
@allow("public")
def front() -> Response:
    """The front page."""
    return render_page("front.html")


@blueprint.get("/hr/sign-in")
@allow("public")
def sign_in_form() -> Response:
    """Where a company's people sign in."""
    return _sign_in_page()


def _account() -> str:
    return account_key(request.form.get("company", ""), request.form.get("email", ""))


@blueprint.post("/hr/sign-in")
@allow("public")
@limiter.limit("10/minute", key_func=_account)
@limiter.limit("120/minute", key_func=get_remote_address)
def sign_in() -> Response:
    """Sign in and go on to where one wanted to go."""
    sessions.refuse_foreign_forms()
    form = request.form
    try:
        pair, _, _ = open_browser_session(
            form.get("company", "")[:40], form.get("email", "")[:254], form.get("password", "")[:200]
        )
    except NotAuthenticated as error:
        return _sign_in_page(error)
    return sessions.keep(_see(sessions.safe_next(form.get("next"))), pair)


@blueprint.get("/hr/renew")
@allow("public")
def renew() -> Response:
    """Exchange the refresh token and go on; without a good one, sign in."""
    target = sessions.safe_next(request.args.get("next"))
    pair = sessions.renew()
    if pair is None:
        return sessions.forget(_see(f"/hr/sign-in?{urlencode({'next': target})}"))
    return sessions.keep(_see(target), pair)


@blueprint.get("/i/<token>")
@allow("public")
@limiter.limit("60/minute")
def show_invitation(token: str) -> Response:
    """An invitation's link in a browser: who invites, for what, when, and how to open it in WeChat."""
    return render_page("invitation.html", link=open_link(token, page_language()), token=token)


@blueprint.get("/i/<token>/code")
@allow("public")
@limiter.limit("20/minute")
def show_code(token: str) -> Response:
    """The mini-program code of an invitation's link, as an image; an empty 503 while WeChat does not answer."""
    try:
        image = code_image(token)
    except OutsideError as error:
        log.warning("code_unavailable", reason=error.reason, detail=error.detail)
        return make_response(b"", 503)
    response = make_response(image)
    response.content_type = "image/png" if image.startswith(b"\x89PNG") else "image/jpeg"
    return response


# --- the company's people ---------------------------------------------------------------------------------------------


@blueprint.post("/hr/sign-out")
@allow(*STAFF)
def sign_out() -> Response:
    """End the session everywhere it is used."""
    end_family(caller().family or "")
    return sessions.forget(_see("/"))


@blueprint.get("/hr")
@allow("public")
def to_list() -> Response:
    """The list lives at /hr/."""
    return _see(HOME)


@blueprint.get("/hr/")
@allow(*STAFF)
def list_interviews() -> Response:
    """Interviews, newest first, perhaps of one status."""
    status = request.args.get("status", "")
    status = status if status in STATUSES else ""
    query = PageQuery(cursor=request.args.get("cursor"))
    rows, cursor = fetch_page(interviews_in(status or None), Interview.id, query)
    following = urlencode({**({"status": status} if status else {}), "cursor": cursor or ""})
    return render_page(
        "interviews.html",
        person=_person(),
        rows=listed(rows),
        counts=counts(),
        chosen=status,
        zone=zone_name(get_policy().time_zone, page_language()),
        first_page=query.cursor is None,
        unsure=unsure_messages(page_language()),
        may_resolve=caller().role in RESOLVERS,
        next_url=f"/hr/?{following}" if cursor else None,
    )


@blueprint.get("/hr/interviews/<interview_id>")
@allow(*STAFF, transaction=False)
def show_interview(interview_id: str) -> Response:
    """The report of an interview; looking at it, and being able to play its recordings, is audited (P3)."""
    with tenant_transaction(caller().tenant_id or ""):
        try:
            report = report_for_hr(actor(), interview_id, page_language())
        except Conflict as error:
            if error.code != "report_not_ready":
                raise
            return _pending(interview_id)
        media = tickets(actor(), report)
        return make_response(
            render_report_html(
                report,
                media_urls=media,
                decision_form=decision_form(report),
                frame=page_frame(),
                nonce=nonce(),
            )
        )


@blueprint.post("/hr/interviews/<interview_id>/decision")
@allow(*DECIDERS)
def decide_interview(interview_id: str) -> Response:
    """Decide in one's own name, then show the report with the decision."""
    try:
        given = DecisionIn.model_validate(
            {name: request.form.get(name, "") for name in ("outcome", "reason", "next_steps")}
        )
    except ValidationError as error:
        raise InvalidInput("form_incomplete") from error
    decide(actor(), interview_id, **given.model_dump())
    return _see(f"/hr/interviews/{interview_id}?decided=1")


@blueprint.post("/hr/messages/<message_id>/resolve")
@allow(*RESOLVERS)
def resolve(message_id: str) -> Response:
    """Say what became of a message whose outcome nobody knew, then show what is left."""
    outcome = request.form.get("as", "")
    if outcome not in {"sent", "not_sent"}:
        raise InvalidInput("form_incomplete")
    resolve_message(actor(), message_id, was_sent=outcome == "sent")
    return _see(HOME)


# --- errors -----------------------------------------------------------------------------------------------------------


@blueprint.errorhandler(NotAuthenticated)
def _sign_in_first(_error: NotAuthenticated) -> Response:
    """Renew quietly, sign in, or have a form confirmed that was filled in while the session ran out."""
    if request.method != "GET":
        return _confirm()
    query = urlencode({"next": request.full_path.rstrip("?")})
    return _see(f"/hr/renew?{query}")


@blueprint.errorhandler(RateLimitExceeded)
def _limited(_error: RateLimitExceeded) -> Response:
    return render_problem("too_many_requests", 429)


@blueprint.errorhandler(DomainError)
def _refused(error: DomainError) -> Response:
    return render_problem(error.code, error.status, **error.params)


# --- parts ------------------------------------------------------------------------------------------------------------


def _see(target: str) -> Response:
    return make_response(redirect(target, 303))


def _sign_in_page(error: NotAuthenticated | None = None) -> Response:
    refusal = None
    if error is not None:
        refusal = {
            part: catalogue.text(page_language(), f"errors.{error.code}.{part}")
            for part in ("title", "detail", "next")
        }
    return render_page(
        "sign_in.html",
        401 if error else 200,
        refusal=refusal,
        next=sessions.safe_next(request.values.get("next")),
        company=request.form.get("company", ""),
        email=request.form.get("email", ""),
    )


def _person() -> Person:
    who = caller()
    user = db.session.get_one(User, who.subject)
    return Person(user.name, user.role, get_tenant(who.tenant_id or "").name, sessions.csrf_token())


def _pending(interview_id: str) -> Response:
    row, pending = one(interview_id), progress(interview_id)
    if row.status == "in_progress":
        why = words("pending.in_progress", unsubmitted=pending.unsubmitted)
    elif pending.analysing:
        why = words("pending.finished", analysing=pending.analysing)
    else:
        why = words("pending.scoring")
    return render_page(
        "pending.html", person=_person(), row=row, why=why, reloads=row.status != "in_progress"
    )


def _confirm() -> Response:
    pair = sessions.renew()
    outcome = request.form.get("outcome", "")
    if pair is None or not request.path.endswith("/decision") or outcome not in OUTCOMES:
        page = _see("/hr/sign-in")
        return sessions.forget(page) if pair is None else sessions.keep(_see(HOME), pair)
    fields = {name: request.form.get(name, "") for name in ("outcome", "reason", "next_steps")}
    page = render_page(
        "confirm.html",
        outcome_words=catalogue.text(page_language(), f"decisions.outcomes.{outcome}"),
        fields={**fields, "csrf_token": sessions.csrf_token_of(pair)},
        action=request.path,
    )
    return sessions.keep(page, pair)

"""Pages anybody sees: front, sign-in and out, an invitation's link."""

from __future__ import annotations

from urllib.parse import urlencode

import structlog
from flask import Response, make_response, request
from flask_limiter.util import get_remote_address

from app.core.errors import Gone, NotAuthenticated, OutsideError
from app.http.callers import STAFF, allow, caller
from app.http.limits import account_key, limiter
from app.pages import sessions
from app.pages.blueprint import blueprint, see
from app.pages.links import code_image, open_link
from app.pages.rendering import HOME, page_language, refusal_words, render_page
from app.shares.opening import tenant_of_link as tenant_of_share
from app.shares.service import PAGE as READER_PAGE
from app.users.service import sign_in as open_browser_session
from app.users.sessions import end_family

log = structlog.get_logger("pages")


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
    return sessions.keep(see(sessions.safe_next(form.get("next"))), pair)


@blueprint.get("/hr/renew")
@allow("public")
def renew() -> Response:
    """Exchange the refresh token and go on; without a good one, sign in."""
    target = sessions.safe_next(request.args.get("next"))
    pair = sessions.renew()
    if pair is None:
        return sessions.forget(see(f"/hr/sign-in?{urlencode({'next': target})}"))
    return sessions.keep(see(target), pair)


@blueprint.get("/i/<token>")
@allow("public")
@limiter.limit("60/minute")
def show_invitation(token: str) -> Response:
    """An invitation's link in a browser: who invites, for what, when, and how to open it in WeChat."""
    try:
        link = open_link(token, page_language())
    except Gone as error:
        if error.code == "candidate_erased":  # the reader is who was erased
            raise Gone("own_data_erased") from error
        raise
    return render_page("invitation.html", link=link, token=token)


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


@blueprint.get("/s/<token>")
@allow("public")
@limiter.limit("60/minute")
def show_share(token: str) -> Response:
    """A share's link in a browser: on to the page where its reader proves who they are."""
    tenant_of_share(token)
    return see(f"/m/#/{READER_PAGE}?token={token}")


@blueprint.post("/hr/sign-out")
@allow(*STAFF)
def sign_out() -> Response:
    """End the session everywhere it is used."""
    end_family(caller().family or "")
    return sessions.forget(see("/"))


@blueprint.get("/hr")
@allow("public")
def to_list() -> Response:
    """The list lives at /hr/."""
    return see(HOME)


def _sign_in_page(error: NotAuthenticated | None = None) -> Response:
    return render_page(
        "sign_in.html",
        401 if error else 200,
        refusal=refusal_words(error) if error else None,
        next=sessions.safe_next(request.values.get("next")),
        company=request.form.get("company", ""),
        email=request.form.get("email", ""),
    )

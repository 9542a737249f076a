"""The frame of every page: language, nonce, headers, words."""

from __future__ import annotations

import secrets
from datetime import datetime
from functools import cache
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from flask import Response, current_app, g, make_response, request
from jinja2 import ChoiceLoader, Environment, PackageLoader, PrefixLoader, StrictUndefined

from app.clients.files import is_built
from app.core.catalogue import best_language, has, languages, text
from app.core.context import settings
from app.core.errors import DomainError
from app.health.notices import models_are_missing
from app.http.problems import language as asked_language
from app.policies.service import get_policy

HOME = "/hr/"
LANGUAGE_COOKIE = "language"
_A_YEAR = 365 * 24 * 3600


@cache
def _environment() -> Environment:
    """Everything is escaped; an undefined name is an error. The report's style sheet is every page's."""
    environment = Environment(
        loader=ChoiceLoader(
            [
                PackageLoader("app.pages", "templates"),
                PrefixLoader({"report": PackageLoader("app.reports.render", "templates")}),
            ]
        ),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["minute"] = lambda moment: f"{moment:%Y-%m-%d %H:%M}"
    environment.filters["local"] = local
    environment.filters["points"] = lambda hundredths: f"{hundredths // 100}.{hundredths % 100:02d}"
    return environment


def page_language() -> str:
    """The language of this page: ``?lang=``, else the one chosen before, else what the browser asks for."""
    if request.args.get("lang"):
        return best_language(request.args["lang"])
    chosen = request.cookies.get(LANGUAGE_COOKIE)
    return best_language(chosen) if chosen else asked_language()


def nonce() -> str:
    """This response's nonce: only styles and scripts that carry it are obeyed."""
    if "page_nonce" not in g:
        g.page_nonce = secrets.token_urlsafe(16)
    return str(g.page_nonce)


def other_language_url() -> str:
    """This page in the other language."""
    here = languages().index(page_language())
    query = {**request.args.to_dict(), "lang": languages()[(here + 1) % len(languages())]}
    return f"{request.path}?{urlencode(query)}"


def words(key: str, **params: Any) -> str:
    """Words of the pages in this page's language."""
    return text(page_language(), f"pages.{key}", **params)


def version_words(key: str, **params: Any) -> str:
    """Words about another version of a rubric, which the report's own words share."""
    return text(page_language(), f"report.versions.{key}", **params)


def zone_name(zone: str, language: str) -> str:
    """The familiar name of a time zone, else the zone itself."""
    key = f"messages.zones.{zone}"
    return text(language, key) if has(key) else zone


def local(moment: datetime) -> str:
    """A moment on the company's clock, with the clock's name: for where no line below the list says it."""
    zone = get_policy().time_zone
    at = f"{moment.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"
    return words("at", at=at, zone=zone_name(zone, page_language()))


def sample_notice() -> str | None:
    """What every page says while the sample models serve, and HR's pages while models are missing."""
    if settings().sample_models_active:
        return words("sample")
    if request.path.startswith(HOME) and models_are_missing(current_app.extensions["valkey"]):
        return text(page_language(), "analysis.models_missing_notice")
    return None


def render_page(name: str, status: int = 200, **values: Any) -> Response:
    """A page from its template, in the page's language."""
    page = (
        _environment()
        .get_template(name)
        .render(
            t=words,
            w=version_words,
            language=page_language(),
            nonce=nonce(),
            sample=sample_notice(),
            other_language_url=other_language_url(),
            client_built=is_built(),
            here=request.path,
            **{"person": None, **values},
        )
    )
    return make_response(page, status)


def refusal_words(error: DomainError) -> dict[str, str]:
    """What a form says above itself when it was refused: ``title``, ``detail`` and ``next``."""
    parts = ("title", "detail", "next")
    return {part: text(page_language(), f"errors.{error.code}.{part}", **error.params) for part in parts}


def render_problem(code: str, status: int, **params: object) -> Response:
    """A refusal as a page: what happened and what can be done now."""
    tongue = page_language()
    known = code if has(f"errors.{code}.title") else "internal_error"
    shown = {part: text(tongue, f"errors.{known}.{part}", **params) for part in ("title", "detail", "next")}
    home = HOME if request.path.startswith("/hr") else "/"
    return render_page("problem.html", status, problem={**shown, "reference": code}, home=home)


def dress(response: Response) -> Response:
    """Headers of every page: nothing from elsewhere, nothing inline without the nonce, no frames, no caches."""
    response.headers["Content-Security-Policy"] = (
        f"default-src 'none'; style-src 'nonce-{nonce()}'; script-src 'nonce-{nonce()}'; img-src 'self' data:; "
        "media-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    response.headers["Cache-Control"] = "no-store"
    response.headers["Content-Language"] = page_language()
    if request.args.get("lang"):
        response.set_cookie(
            LANGUAGE_COOKIE,
            page_language(),
            max_age=_A_YEAR,
            httponly=True,
            samesite="Lax",
            secure=request.is_secure,
        )
    return response

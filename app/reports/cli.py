"""``bin/manage replay`` and ``bin/manage score-diff``: scores computed again from stored signals (R4)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

import click
from flask.cli import with_appcontext

from app.audits.service import Actor
from app.core.catalogue import DEFAULT_LANGUAGE, languages, text
from app.core.errors import DomainError
from app.interviews.finding import get_interview
from app.reports.render import VersionReport
from app.reports.replaying import difference_words, replay_interview
from app.reports.versions import score_by_version
from tenants.tenancy import TenantRecord, find_active_tenant, tenant_scope, tenant_transaction

OPERATOR = Actor("operator", "command line")


@click.command("replay")
@click.argument("tenant_slug")
@click.argument("interview_id")
@click.option("--language", type=click.Choice(languages()), default=DEFAULT_LANGUAGE, help="Of the words.")
@with_appcontext
def replay_command(tenant_slug: str, interview_id: str, language: str) -> None:
    """Recompute the score of INTERVIEW_ID of the company TENANT_SLUG. Exit code 1 when anything differs."""
    with _refusals(), tenant_scope(_tenant(tenant_slug).id, read_only=True):
        outcome = replay_interview(get_interview(interview_id))
    shown = {
        "identical": outcome.identical,
        "differences": outcome.differences,
        "words": [difference_words(difference, language) for difference in outcome.differences],
        "total_hundredths": outcome.score.total_hundredths,
        "status": outcome.score.status,
    }
    click.echo(json.dumps(shown, ensure_ascii=False))
    if not outcome.identical:
        raise SystemExit(1)


@click.command("score-diff")
@click.argument("tenant_slug")
@click.argument("interview_id")
@click.argument("version", type=click.IntRange(min=1))
@click.option("--language", type=click.Choice(languages()), default=DEFAULT_LANGUAGE, help="Of the words.")
@with_appcontext
def score_diff_command(tenant_slug: str, interview_id: str, version: int, language: str) -> None:
    """What INTERVIEW_ID would score by VERSION of its position, rule by rule. Changes nothing; the look is audited."""
    with _refusals(), tenant_transaction(_tenant(tenant_slug).id):
        compared = score_by_version(OPERATOR, interview_id, version, language)
    for line in _lines(compared):
        click.echo(line)


def _lines(compared: VersionReport) -> Iterator[str]:
    tongue = compared.language
    yield compared.note
    yield f"{text(tongue, 'report.versions.total')}: {compared.text}"
    for competency in compared.competencies:
        yield f"{competency.name}: {competency.text}"
        for line in competency.lines:
            change = text(tongue, f"report.versions.{line.change}")
            yield f"  {line.points}  {change}: {line.then or '-'} | {line.now or '-'}"


def _tenant(slug: str) -> TenantRecord:
    tenant = find_active_tenant(slug=slug)
    if tenant is None:
        raise click.ClickException(f"no active company {slug!r}")
    return tenant


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except DomainError as error:
        raise click.ClickException(f"{error.code} {error.params or ''}".strip()) from error

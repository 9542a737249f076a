"""``bin/manage replay``: recompute a score from its stored signals and compare with its receipt (R4)."""

from __future__ import annotations

import json

import click
from flask.cli import with_appcontext

from app.core.errors import DomainError
from app.interviews.finding import get_interview
from app.reports.replaying import replay_interview
from tenants.tenancy import find_active_tenant, tenant_scope


@click.command("replay")
@click.argument("tenant_slug")
@click.argument("interview_id")
@with_appcontext
def replay_command(tenant_slug: str, interview_id: str) -> None:
    """Recompute the score of INTERVIEW_ID of the company TENANT_SLUG. Exit code 1 when anything differs."""
    tenant = find_active_tenant(slug=tenant_slug)
    if tenant is None:
        raise click.ClickException(f"no active company {tenant_slug!r}")
    try:
        with tenant_scope(tenant.id, read_only=True):
            outcome = replay_interview(get_interview(interview_id))
    except DomainError as error:
        raise click.ClickException(f"{error.code} {error.params or ''}".strip()) from error
    click.echo(
        json.dumps(
            {
                "identical": outcome.identical,
                "differences": outcome.differences,
                "total_hundredths": outcome.score.total_hundredths,
                "status": outcome.score.status,
            },
            ensure_ascii=False,
        )
    )
    if not outcome.identical:
        raise SystemExit(1)

"""The operator's command line: ``bin/manage <command>``."""

from __future__ import annotations

import click
from flask import Flask
from flask.cli import with_appcontext
from sqlalchemy.exc import OperationalError

from app.audits.service import SYSTEM
from app.core.context import settings
from app.core.errors import DomainError
from app.operators.service import Owner, create_tenant, ensure_operator
from app.reports.cli import replay_command, score_diff_command
from app.users.passwords import MIN_PASSWORD_LENGTH
from tenants.provisioning import prepare_platform, upgrade_tenants


def register_commands(application: Flask) -> None:
    """Add the commands to ``flask``."""
    for command in (prepare, migrate, create_operator, provision, replay_command, score_diff_command):
        application.cli.add_command(command)


@click.command("prepare")
@with_appcontext
def prepare() -> None:
    """Create or upgrade every schema, and the operator of OPERATOR_EMAIL and OPERATOR_PASSWORD."""
    _prepare_platform()
    click.echo("control plane ready")
    email, password = settings().operator_email, settings().operator_password.get_secret_value()
    if email and password:
        _check_password(password)
        ensure_operator(email, password)
        click.echo("operator ready")
    _upgrade()


@click.command("migrate")
@with_appcontext
def migrate() -> None:
    """Upgrade the control plane and every company's schema; one that fails stops nobody else."""
    _prepare_platform()
    _upgrade()


@click.command("create-operator")
@click.option("--email", required=True)
@click.option("--password", prompt=True, hide_input=True, confirmation_prompt=True)
@with_appcontext
def create_operator(email: str, password: str) -> None:
    """Make an operator of the platform, or give one a new password."""
    _check_password(password)
    click.echo(ensure_operator(email, password))


@click.command("provision")
@click.argument("slug")
@click.option("--name", required=True, help="the company's name")
@click.option("--owner-email", required=True)
@click.option("--owner-name", required=True)
@click.option("--owner-password", prompt=True, hide_input=True, confirmation_prompt=True)
@with_appcontext
def provision(slug: str, name: str, owner_email: str, owner_name: str, owner_password: str) -> None:
    """Make a company with its owner; repeating it after a failure finishes the work."""
    _check_password(owner_password)
    try:
        tenant, _ = create_tenant(
            SYSTEM, slug=slug, name=name, owner=Owner(owner_email, owner_name, owner_password), policy={}
        )
    except DomainError as error:
        raise click.ClickException(error.code) from error
    click.echo(f"{tenant.id} {tenant.slug} {tenant.status}")


def _prepare_platform() -> None:
    try:
        prepare_platform()
    except OperationalError as error:
        raise click.ClickException(f"the database of DATABASE_URL: {error.orig}") from error


def _upgrade() -> None:
    """Upgrade every company and report; ends with an error when one failed."""
    results = upgrade_tenants()
    for result in sorted(results, key=lambda one: one.name):
        click.echo(f"{result.name} {result.revision or 'failed'} {result.problem or ''}".rstrip())
    failed = sum(result.problem is not None for result in results)
    click.echo(f"{len(results) - failed} of {len(results)} companies ready")
    if failed:
        raise click.exceptions.Exit(1)


def _check_password(password: str) -> None:
    if len(password) < MIN_PASSWORD_LENGTH:
        raise click.ClickException(f"a password needs at least {MIN_PASSWORD_LENGTH} characters")

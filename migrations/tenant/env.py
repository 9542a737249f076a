"""The tenant tree."""

from migrations.environment import run

run("alembic_version_tenant")

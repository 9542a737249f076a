"""The hub tree."""

from migrations.environment import run

run("alembic_version_hub")

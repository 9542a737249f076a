"""The control tree."""

from migrations.environment import run

run("alembic_version_control")

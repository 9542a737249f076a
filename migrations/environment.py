"""What the three trees' env.py share: one connection, handed in, already in the right schema or file."""

from __future__ import annotations

from alembic import context


def run(version_table: str) -> None:
    """Run the asked-for migrations on the connection given by tenants.migrations."""
    connection = context.config.attributes["connection"]
    context.configure(
        connection=connection,
        version_table=version_table,
        target_metadata=context.config.attributes.get("target_metadata"),
        transaction_per_migration=True,
        render_as_batch=True,
    )
    with context.begin_transaction():
        context.run_migrations()

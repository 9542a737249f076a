"""Database migrations: three Alembic trees (control plane, server hub, tenant)."""

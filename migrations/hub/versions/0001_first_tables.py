"""The first tables of the hub tree.

Revision ID: 0001
Revises:
"""

import sqlalchemy as sa

from app.core.columns import UtcDateTime, ascii_string
from migrations import guard

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    guard.create_table(
        "work",
        sa.Column("id", ascii_string(32), nullable=False),
        sa.Column("tenant_id", ascii_string(32), nullable=False),
        sa.Column("kind", ascii_string(40), nullable=False),
        sa.Column("entity_id", ascii_string(32), nullable=False),
        sa.Column("queue", ascii_string(20), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("lease_until", UtcDateTime(), nullable=True),
        sa.Column("holder", ascii_string(32), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("reason", ascii_string(60), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_work"),
    )
    guard.create_index("ix_work_due", "work", ["due_at", "lease_until"])
    guard.create_index("uq_work_subject", "work", ["tenant_id", "kind", "entity_id"], unique=True)

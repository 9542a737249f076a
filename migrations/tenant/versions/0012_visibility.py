"""Who of the company sees a position, or one invitation of it.

Revision ID: 0012
Revises: 0011
"""

import sqlalchemy as sa

from app.core.columns import UtcDateTime, ascii_string
from migrations import guard

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    guard.add_column(
        "position", sa.Column("restricted", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    _create("position_member", "position_id", "position")
    _create("invitation_viewer", "invitation_id", "invitation")


def _create(name: str, subject: str, of: str) -> None:
    guard.create_table(
        name,
        sa.Column(subject, ascii_string(32), nullable=False),
        sa.Column("user_id", ascii_string(32), nullable=False),
        sa.Column("added_by", ascii_string(32), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint([subject], [f"{of}.id"], name=f"fk_{name}_{subject}"),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=f"fk_{name}_user_id"),
        sa.PrimaryKeyConstraint(subject, "user_id", name=f"pk_{name}"),
    )
    guard.create_index(f"ix_{name}_user_id", name, ["user_id"])

"""The company's own answers to frequent questions.

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa

from app.core.columns import Json, UtcDateTime, ascii_string
from migrations import guard

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    guard.create_table(
        "faq",
        sa.Column("id", ascii_string(32), nullable=False),
        sa.Column("entries", Json(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_faq"),
    )

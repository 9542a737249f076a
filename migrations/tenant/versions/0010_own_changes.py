"""A candidate's own changes and résumé, the words of a consent, the way a code went.

Revision ID: 0010
Revises: 0009
"""

import sqlalchemy as sa

from app.core.columns import Sealed, UtcDateTime, ascii_string
from migrations import guard

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    guard.add_column("candidate", sa.Column("changed_at", UtcDateTime(), nullable=True))
    guard.add_column("consent", sa.Column("words", sa.Text(), nullable=True))
    guard.add_column(
        "binding_code", sa.Column("channel", ascii_string(10), nullable=False, server_default="sms")
    )
    guard.create_table(
        "resume",
        sa.Column("id", ascii_string(32), nullable=False),
        sa.Column("candidate_id", ascii_string(32), nullable=False),
        sa.Column("content", Sealed(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["candidate_id"], ["candidate.id"], name="fk_resume_candidate_id"),
        sa.PrimaryKeyConstraint("id", name="pk_resume"),
        sa.UniqueConstraint("candidate_id", name="uq_resume_candidate_id"),
    )

"""The résumé as a file.

Revision ID: 0017
Revises: 0016
"""

import sqlalchemy as sa

from app.core.columns import Sealed, UtcDateTime, ascii_string
from migrations import guard

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    guard.create_table(
        "resume_file",
        sa.Column("id", ascii_string(32), nullable=False),
        sa.Column("candidate_id", ascii_string(32), nullable=False),
        sa.Column("kind", ascii_string(8), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("about", Sealed(), nullable=False),
        sa.Column("content", Sealed(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["candidate_id"], ["candidate.id"], name="fk_resume_file_candidate_id"),
        sa.PrimaryKeyConstraint("id", name="pk_resume_file"),
        sa.UniqueConstraint("candidate_id", name="uq_resume_file_candidate_id"),
    )

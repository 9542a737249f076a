"""Drafts of positions, pre-assessments of résumés, and whether a résumé may go to a language model.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa

from app.core.columns import Json, Sealed, UtcDateTime, ascii_string
from migrations import guard

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    guard.add_column(
        "policy",
        sa.Column("resume_to_language_model", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    guard.create_table(
        "draft",
        sa.Column("id", ascii_string(32), nullable=False),
        sa.Column("title", sa.String(80), nullable=False),
        sa.Column("status", ascii_string(20), nullable=False),
        sa.Column("content", Json(), nullable=False),
        sa.Column("provenance", Json(), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=True),
        sa.Column("position_id", ascii_string(32), nullable=True),
        sa.Column("created_by", ascii_string(32), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("approved_by", ascii_string(32), nullable=True),
        sa.Column("approved_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["position_id"], ["position.id"], name="fk_draft_position_id"),
        sa.PrimaryKeyConstraint("id", name="pk_draft"),
    )
    guard.create_table(
        "preassessment",
        sa.Column("id", ascii_string(32), nullable=False),
        sa.Column("candidate_id", ascii_string(32), nullable=False),
        sa.Column("position_id", ascii_string(32), nullable=False),
        sa.Column("status", ascii_string(20), nullable=False),
        sa.Column("resume", Sealed(), nullable=False),
        sa.Column("content", Sealed(), nullable=False),
        sa.Column("provenance", Json(), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=True),
        sa.Column("created_by", ascii_string(32), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("approved_by", ascii_string(32), nullable=True),
        sa.Column("approved_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["candidate_id"], ["candidate.id"], name="fk_preassessment_candidate_id"),
        sa.ForeignKeyConstraint(["position_id"], ["position.id"], name="fk_preassessment_position_id"),
        sa.PrimaryKeyConstraint("id", name="pk_preassessment"),
    )
    guard.create_index("ix_preassessment_candidate_id", "preassessment", ["candidate_id"])

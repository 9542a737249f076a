"""Renditions: files that play a take everywhere.

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa

from app.core.columns import Json, Sealed, UtcDateTime, ascii_string
from migrations import guard

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    guard.create_table(
        "rendition",
        sa.Column("id", ascii_string(32), nullable=False),
        sa.Column("take_id", ascii_string(32), nullable=False),
        sa.Column("candidate_id", ascii_string(32), nullable=False),
        sa.Column("status", ascii_string(20), nullable=False),
        sa.Column("reason", ascii_string(60), nullable=True),
        sa.Column("content_type", ascii_string(80), nullable=False),
        sa.Column("length", sa.BigInteger(), nullable=False),
        sa.Column("facts", Json(), nullable=True),
        sa.Column("sha256", ascii_string(64), nullable=True),
        sa.Column("store_key", ascii_string(120), nullable=False),
        sa.Column("wrapped_key", Sealed(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["take_id"], ["take.id"], name="fk_rendition_take_id"),
        sa.PrimaryKeyConstraint("id", name="pk_rendition"),
        sa.UniqueConstraint("take_id", name="uq_rendition_take_id"),
    )
    guard.create_index("ix_rendition_candidate_id", "rendition", ["candidate_id"])

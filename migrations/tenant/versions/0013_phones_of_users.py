"""The WeChat identity that a user signs in with, and the codes that bind it.

Revision ID: 0013
Revises: 0012
"""

import sqlalchemy as sa

from app.core.columns import UtcDateTime, ascii_string
from migrations import guard

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    guard.create_table(
        "user_phone",
        sa.Column("user_id", ascii_string(32), nullable=False),
        sa.Column("identity_id", ascii_string(32), nullable=False),
        sa.Column("bound_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name="fk_user_phone_user_id"),
        sa.PrimaryKeyConstraint("user_id", name="pk_user_phone"),
        sa.UniqueConstraint("identity_id", name="uq_user_phone_identity_id"),
    )
    guard.create_table(
        "phone_code",
        sa.Column("id", ascii_string(32), nullable=False),
        sa.Column("user_id", ascii_string(32), nullable=False),
        sa.Column("code_hash", ascii_string(64), nullable=False),
        sa.Column("made_by", ascii_string(32), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name="fk_phone_code_user_id"),
        sa.PrimaryKeyConstraint("id", name="pk_phone_code"),
        sa.UniqueConstraint("code_hash", name="uq_phone_code_code_hash"),
    )
    guard.create_index("ix_phone_code_user_id", "phone_code", ["user_id"])

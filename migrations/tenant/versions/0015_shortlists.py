"""A position's rule for its shortlist, and what was recorded about a background check.

Revision ID: 0015
Revises: 0014
"""

import sqlalchemy as sa

from app.core.columns import UtcDateTime, ascii_string
from migrations import guard

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    guard.create_table(
        "shortlist_rule",
        sa.Column("position_id", ascii_string(32), nullable=False),
        sa.Column("min_total", sa.Integer(), nullable=False),
        sa.Column("needs_check", sa.Boolean(), nullable=False),
        sa.Column("set_by", ascii_string(32), nullable=False),
        sa.Column("set_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["position_id"], ["position.id"], name="fk_shortlist_rule_position_id"),
        sa.ForeignKeyConstraint(["set_by"], ["user.id"], name="fk_shortlist_rule_set_by"),
        sa.PrimaryKeyConstraint("position_id", name="pk_shortlist_rule"),
    )
    guard.create_table(
        "background_check",
        sa.Column("application_id", ascii_string(32), nullable=False),
        sa.Column("candidate_id", ascii_string(32), nullable=False),
        sa.Column("status", ascii_string(12), nullable=False),
        sa.Column("recorded_by", ascii_string(32), nullable=False),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name="fk_background_check_application_id"
        ),
        sa.ForeignKeyConstraint(["candidate_id"], ["candidate.id"], name="fk_background_check_candidate_id"),
        sa.ForeignKeyConstraint(["recorded_by"], ["user.id"], name="fk_background_check_recorded_by"),
        sa.PrimaryKeyConstraint("application_id", name="pk_background_check"),
    )
    guard.create_index("ix_background_check_candidate_id", "background_check", ["candidate_id"])

"""Alerts to the company's people, and when a candidate is to hear about the result.

Revision ID: 0011
Revises: 0010
"""

import sqlalchemy as sa

from app.core.columns import Sealed, UtcDateTime, ascii_string
from migrations import guard

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    guard.add_column("interview", sa.Column("result_due_at", UtcDateTime(), nullable=True))
    guard.add_column("interview", sa.Column("status_told_at", UtcDateTime(), nullable=True))
    guard.add_column("interview", sa.Column("result_expected_at", UtcDateTime(), nullable=True))
    guard.create_table(
        "alert",
        sa.Column("id", ascii_string(32), nullable=False),
        sa.Column("kind", ascii_string(20), nullable=False),
        sa.Column("level", ascii_string(10), nullable=False),
        sa.Column("dedupe_key", ascii_string(80), nullable=False),
        sa.Column("position_id", ascii_string(32), nullable=False),
        sa.Column("candidate_id", ascii_string(32), nullable=False),
        sa.Column("invitation_id", ascii_string(32), nullable=False),
        sa.Column("interview_id", ascii_string(32), nullable=True),
        sa.Column("due_at", UtcDateTime(), nullable=True),
        sa.Column("raised_at", UtcDateTime(), nullable=False),
        sa.Column("posted_at", UtcDateTime(), nullable=True),
        sa.Column("resolved_at", UtcDateTime(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["position_id"], ["position.id"], name="fk_alert_position_id"),
        sa.ForeignKeyConstraint(["candidate_id"], ["candidate.id"], name="fk_alert_candidate_id"),
        sa.ForeignKeyConstraint(["invitation_id"], ["invitation.id"], name="fk_alert_invitation_id"),
        sa.ForeignKeyConstraint(["interview_id"], ["interview.id"], name="fk_alert_interview_id"),
        sa.PrimaryKeyConstraint("id", name="pk_alert"),
        sa.UniqueConstraint("dedupe_key", name="uq_alert_dedupe_key"),
    )
    for column in ("position_id", "candidate_id", "invitation_id", "interview_id"):
        guard.create_index(f"ix_alert_{column}", "alert", [column])
    guard.create_index("ix_alert_open", "alert", ["resolved_at", "raised_at"])
    guard.create_table(
        "alert_seen",
        sa.Column("id", ascii_string(32), nullable=False),
        sa.Column("user_id", ascii_string(32), nullable=False),
        sa.Column("alert_id", ascii_string(32), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name="fk_alert_seen_user_id"),
        sa.ForeignKeyConstraint(["alert_id"], ["alert.id"], name="fk_alert_seen_alert_id"),
        sa.PrimaryKeyConstraint("id", name="pk_alert_seen"),
        sa.UniqueConstraint("user_id", "alert_id", name="uq_alert_seen_user_id_alert_id"),
    )
    guard.create_index("ix_alert_seen_alert_id", "alert_seen", ["alert_id"])
    guard.create_table(
        "alert_digest",
        sa.Column("user_id", ascii_string(32), nullable=False),
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.Column("language", ascii_string(16), nullable=False),
        sa.Column("sent_at", UtcDateTime(), nullable=True),
        sa.Column("reason", ascii_string(60), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name="fk_alert_digest_user_id"),
        sa.PrimaryKeyConstraint("user_id", name="pk_alert_digest"),
    )
    guard.create_table(
        "alert_webhook",
        sa.Column("id", ascii_string(32), nullable=False),
        sa.Column("format", ascii_string(10), nullable=False),
        sa.Column("address", Sealed(), nullable=False),
        sa.Column("language", ascii_string(16), nullable=False),
        sa.Column("sent_at", UtcDateTime(), nullable=True),
        sa.Column("reason", ascii_string(60), nullable=True),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_alert_webhook"),
    )

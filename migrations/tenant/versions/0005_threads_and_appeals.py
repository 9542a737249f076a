"""Threads between a candidate and the company, and appeals.

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa

from app.core.columns import Sealed, UtcDateTime, ascii_string
from migrations import guard

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    guard.create_table(
        "thread",
        sa.Column("id", ascii_string(32), nullable=False),
        sa.Column("invitation_id", ascii_string(32), nullable=False),
        sa.Column("candidate_id", ascii_string(32), nullable=False),
        sa.Column("status", ascii_string(20), nullable=False),
        sa.Column("waiting_since", UtcDateTime(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["invitation_id"], ["invitation.id"], name="fk_thread_invitation_id"),
        sa.ForeignKeyConstraint(["candidate_id"], ["candidate.id"], name="fk_thread_candidate_id"),
        sa.PrimaryKeyConstraint("id", name="pk_thread"),
        sa.UniqueConstraint("invitation_id", name="uq_thread_invitation_id"),
    )
    guard.create_index("ix_thread_candidate_id", "thread", ["candidate_id"])
    guard.create_index("ix_thread_waiting", "thread", ["status", "waiting_since"])
    guard.create_table(
        "post",
        sa.Column("id", ascii_string(32), nullable=False),
        sa.Column("thread_id", ascii_string(32), nullable=False),
        sa.Column("author_kind", ascii_string(20), nullable=False),
        sa.Column("author_id", ascii_string(32), nullable=False),
        sa.Column("content", Sealed(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["thread_id"], ["thread.id"], name="fk_post_thread_id"),
        sa.PrimaryKeyConstraint("id", name="pk_post"),
    )
    guard.create_index("ix_post_thread_id", "post", ["thread_id"])
    guard.create_table(
        "appeal",
        sa.Column("id", ascii_string(32), nullable=False),
        sa.Column("interview_id", ascii_string(32), nullable=False),
        sa.Column("candidate_id", ascii_string(32), nullable=False),
        sa.Column("status", ascii_string(20), nullable=False),
        sa.Column("reason", Sealed(), nullable=False),
        sa.Column("outcome", ascii_string(20), nullable=True),
        sa.Column("answer", Sealed(), nullable=True),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("answered_by", ascii_string(32), nullable=True),
        sa.Column("answered_at", UtcDateTime(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["interview_id"], ["interview.id"], name="fk_appeal_interview_id"),
        sa.ForeignKeyConstraint(["candidate_id"], ["candidate.id"], name="fk_appeal_candidate_id"),
        sa.ForeignKeyConstraint(["answered_by"], ["user.id"], name="fk_appeal_answered_by"),
        sa.PrimaryKeyConstraint("id", name="pk_appeal"),
        sa.UniqueConstraint("interview_id", name="uq_appeal_interview_id"),
    )
    guard.create_index("ix_appeal_candidate_id", "appeal", ["candidate_id"])
    guard.create_index("ix_appeal_due", "appeal", ["status", "due_at"])

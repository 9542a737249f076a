"""Reviews, comments, shares, help for stuck candidates, pictures in threads.

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa

from app.core.columns import Json, Sealed, UtcDateTime, ascii_string
from migrations import guard

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _reviews()
    _shares()
    _help()
    guard.add_column(
        "policy", sa.Column("blind_review", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    guard.add_column("appeal", sa.Column("same_person", sa.Boolean(), nullable=True))


def _reviews() -> None:
    guard.create_table(
        "review",
        sa.Column("id", ascii_string(32), nullable=False),
        sa.Column("interview_id", ascii_string(32), nullable=False),
        sa.Column("candidate_id", ascii_string(32), nullable=False),
        sa.Column("reviewer_id", ascii_string(32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("recommendation", ascii_string(20), nullable=False),
        sa.Column("content", Sealed(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["interview_id"], ["interview.id"], name="fk_review_interview_id"),
        sa.ForeignKeyConstraint(["candidate_id"], ["candidate.id"], name="fk_review_candidate_id"),
        sa.ForeignKeyConstraint(["reviewer_id"], ["user.id"], name="fk_review_reviewer_id"),
        sa.PrimaryKeyConstraint("id", name="pk_review"),
        sa.UniqueConstraint(
            "interview_id", "reviewer_id", "number", name="uq_review_interview_id_reviewer_id_number"
        ),
    )
    guard.create_index("ix_review_candidate_id", "review", ["candidate_id"])
    guard.create_table(
        "interview_comment",
        sa.Column("id", ascii_string(32), nullable=False),
        sa.Column("interview_id", ascii_string(32), nullable=False),
        sa.Column("candidate_id", ascii_string(32), nullable=False),
        sa.Column("author_id", ascii_string(32), nullable=False),
        sa.Column("take_id", ascii_string(32), nullable=True),
        sa.Column("at_ms", sa.Integer(), nullable=True),
        sa.Column("content", Sealed(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["interview_id"], ["interview.id"], name="fk_interview_comment_interview_id"),
        sa.ForeignKeyConstraint(["candidate_id"], ["candidate.id"], name="fk_interview_comment_candidate_id"),
        sa.ForeignKeyConstraint(["author_id"], ["user.id"], name="fk_interview_comment_author_id"),
        sa.ForeignKeyConstraint(["take_id"], ["take.id"], name="fk_interview_comment_take_id"),
        sa.PrimaryKeyConstraint("id", name="pk_interview_comment"),
    )
    guard.create_index("ix_interview_comment_candidate_id", "interview_comment", ["candidate_id"])
    guard.create_index(
        "ix_interview_comment_interview_id", "interview_comment", ["interview_id", "created_at"]
    )


def _shares() -> None:
    guard.create_table(
        "share",
        sa.Column("id", ascii_string(32), nullable=False),
        sa.Column("interview_id", ascii_string(32), nullable=False),
        sa.Column("candidate_id", ascii_string(32), nullable=False),
        sa.Column("token", ascii_string(32), nullable=False),
        sa.Column("person", Sealed(), nullable=False),
        sa.Column("created_by", ascii_string(32), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.Column("opened_at", UtcDateTime(), nullable=True),
        sa.Column("identity_id", ascii_string(32), nullable=True),
        sa.Column("recommendation", ascii_string(20), nullable=True),
        sa.Column("opinion", Sealed(), nullable=True),
        sa.Column("answered_at", UtcDateTime(), nullable=True),
        sa.Column("code_id", ascii_string(32), nullable=True),
        sa.Column("code_hash", ascii_string(64), nullable=True),
        sa.Column("code_visitor", ascii_string(32), nullable=True),
        sa.Column("code_tries", sa.Integer(), nullable=False),
        sa.Column("code_sent_at", UtcDateTime(), nullable=True),
        sa.Column("codes_sent", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["interview_id"], ["interview.id"], name="fk_share_interview_id"),
        sa.ForeignKeyConstraint(["candidate_id"], ["candidate.id"], name="fk_share_candidate_id"),
        sa.ForeignKeyConstraint(["created_by"], ["user.id"], name="fk_share_created_by"),
        sa.PrimaryKeyConstraint("id", name="pk_share"),
        sa.UniqueConstraint("token", name="uq_share_token"),
    )
    guard.create_index("ix_share_interview_id", "share", ["interview_id"])
    guard.create_index("ix_share_candidate_id", "share", ["candidate_id"])


def _help() -> None:
    guard.create_table(
        "contingency",
        sa.Column("id", ascii_string(32), nullable=False),
        sa.Column("invitation_id", ascii_string(32), nullable=False),
        sa.Column("kind", ascii_string(20), nullable=False),
        sa.Column("detail", Json(), nullable=False),
        sa.Column("token", ascii_string(32), nullable=True),
        sa.Column("made_by", ascii_string(32), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["invitation_id"], ["invitation.id"], name="fk_contingency_invitation_id"),
        sa.ForeignKeyConstraint(["made_by"], ["user.id"], name="fk_contingency_made_by"),
        sa.PrimaryKeyConstraint("id", name="pk_contingency"),
        sa.UniqueConstraint("token", name="uq_contingency_token"),
    )
    guard.create_index("ix_contingency_invitation_id", "contingency", ["invitation_id"])
    guard.create_table(
        "post_picture",
        sa.Column("id", ascii_string(32), nullable=False),
        sa.Column("invitation_id", ascii_string(32), nullable=False),
        sa.Column("candidate_id", ascii_string(32), nullable=False),
        sa.Column("post_id", ascii_string(32), nullable=True),
        sa.Column("author_kind", ascii_string(20), nullable=False),
        sa.Column("author_id", ascii_string(32), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("content", Sealed(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["invitation_id"], ["invitation.id"], name="fk_post_picture_invitation_id"),
        sa.ForeignKeyConstraint(["candidate_id"], ["candidate.id"], name="fk_post_picture_candidate_id"),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name="fk_post_picture_post_id"),
        sa.PrimaryKeyConstraint("id", name="pk_post_picture"),
    )
    for column in ("invitation_id", "candidate_id", "post_id"):
        guard.create_index(f"ix_post_picture_{column}", "post_picture", [column])
    guard.add_column(
        "invitation", sa.Column("voice_allowed", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    guard.add_column("invitation", sa.Column("responsible_id", ascii_string(32), nullable=True))
    guard.add_column("take", sa.Column("waived", sa.Boolean(), nullable=False, server_default=sa.false()))

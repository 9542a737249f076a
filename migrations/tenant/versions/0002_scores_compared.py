"""Points of a score to compare with, and the weight a company gives the face.

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa

from app.core.columns import Json
from migrations import guard

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    guard.add_column("score", sa.Column("points", Json(), nullable=True))
    guard.create_index("ix_score_newest", "score", ["position_version_id", "algorithm", "created_at"])
    guard.add_column(
        "policy", sa.Column("face_weight_hundredths", sa.Integer(), nullable=False, server_default="0")
    )
    guard.add_column("policy", sa.Column("face_reason", sa.String(500), nullable=False, server_default=""))

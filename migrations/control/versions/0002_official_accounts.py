"""Official accounts beside mini-programs, and one person known by both.

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa

from app.core.columns import ascii_string
from migrations import guard

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    guard.add_column(
        "wechat_app", sa.Column("kind", ascii_string(20), nullable=False, server_default="mini_program")
    )
    guard.create_index("ix_identity_unionid", "identity", ["unionid"])

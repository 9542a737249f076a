"""Which of a candidate's devices began a take.

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa

from app.core.columns import ascii_string
from migrations import guard

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    guard.add_column("take", sa.Column("device", ascii_string(40), nullable=True))

"""When a candidate left the page during a take, as their client says.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa

from app.core.columns import Sealed
from migrations import guard

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    guard.add_column("take", sa.Column("left_page", Sealed(), nullable=True))

"""Candidates who were erased wait for no answer: their open appeals go, their threads are no longer waiting.

Revision ID: 0016
Revises: 0015
"""

import sqlalchemy as sa
from alembic import op

from app.core.columns import UtcDateTime, ascii_string

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    candidate = sa.table(
        "candidate", sa.column("id", ascii_string(32)), sa.column("erased_at", UtcDateTime())
    )
    appeal = sa.table(
        "appeal", sa.column("candidate_id", ascii_string(32)), sa.column("status", ascii_string(20))
    )
    thread = sa.table(
        "thread",
        sa.column("candidate_id", ascii_string(32)),
        sa.column("status", ascii_string(20)),
        sa.column("waiting_since", UtcDateTime()),
    )
    erased = sa.select(candidate.c.id).where(candidate.c.erased_at.is_not(None))
    op.execute(sa.delete(appeal).where(appeal.c.status == "open", appeal.c.candidate_id.in_(erased)))
    op.execute(
        sa.update(thread)
        .where(thread.c.status == "waiting", thread.c.candidate_id.in_(erased))
        .values(status="answered", waiting_since=None)
    )

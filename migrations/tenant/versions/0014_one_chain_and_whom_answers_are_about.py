"""Which refresh token followed a used one, whom a kept answer is about, and a due date for every interview that waits.

Revision ID: 0014
Revises: 0013
"""

from datetime import timedelta

import sqlalchemy as sa
from alembic import op

from app.core.columns import UtcDateTime, ascii_string
from migrations import guard

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_HOURS = 24
"""What a company promises that never said otherwise."""


def upgrade() -> None:
    guard.add_column("refresh_token", sa.Column("successor_id", ascii_string(32), nullable=True))
    guard.add_column("idempotency_record", sa.Column("candidate_id", ascii_string(32), nullable=True))
    _promise_what_was_finished_before()


def _promise_what_was_finished_before() -> None:
    """Interviews that finished before results had a due date are due as those after: the policy's hours later."""
    connection = op.get_bind()
    policy = sa.table("policy", sa.column("answer_within_hours", sa.Integer()))
    hours = connection.execute(sa.select(policy.c.answer_within_hours)).scalar() or _HOURS
    interview = sa.table(
        "interview",
        sa.column("id", ascii_string(32)),
        sa.column("status", ascii_string(20)),
        sa.column("finished_at", UtcDateTime()),
        sa.column("result_due_at", UtcDateTime()),
    )
    waiting = sa.select(interview.c.id, interview.c.finished_at).where(
        interview.c.status.in_(("finished", "scored")),
        interview.c.finished_at.is_not(None),
        interview.c.result_due_at.is_(None),
    )
    for row in connection.execute(waiting).all():
        due_at = row.finished_at + timedelta(hours=hours)
        connection.execute(sa.update(interview).where(interview.c.id == row.id).values(result_due_at=due_at))

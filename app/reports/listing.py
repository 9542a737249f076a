"""Interviews as a list for the company's people: who, for what, where it stands, the total."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_

from app.candidates.models import not_erased
from app.candidates.service import profiles_by_id
from app.interviews import finding
from app.interviews.models import Interview
from app.policies.service import get_policy
from app.positions.service import titles_of
from app.positions.visibility import Viewer, visible_rows
from app.reports import queries

STATUSES = ("in_progress", "finished", "scored", "decided")


@dataclass(frozen=True)
class ListedInterview:
    """One row; times are local to the company. ``total_hundredths`` is None before scoring and without a total.

    Of somebody erased there is a row with its times, no name and no score, and nothing to open.
    """

    id: str
    candidate_name: str | None
    position_title: str
    status: str
    total_hundredths: int | None
    scored: bool
    started_at: datetime
    finished_at: datetime | None


def listed(interviews: Sequence[Interview]) -> list[ListedInterview]:
    """Rows for a page of interviews, in a bounded number of queries."""
    zone = ZoneInfo(get_policy().time_zone)
    profiles = profiles_by_id(i.candidate_id for i in interviews)
    titles = titles_of(i.position_id for i in interviews)
    totals = queries.totals_of([i.id for i in interviews])
    return [
        ListedInterview(
            id=i.id,
            candidate_name=profiles[i.candidate_id].name if i.candidate_id in profiles else None,
            position_title=titles[i.position_id],
            status=i.status,
            total_hundredths=totals.get(i.id),
            scored=i.id in totals,
            started_at=i.started_at.astimezone(zone),
            finished_at=i.finished_at and i.finished_at.astimezone(zone),
        )
        for i in interviews
    ]


def counts(viewer: Viewer) -> dict[str, int]:
    """How many interviews somebody may see in each status, zero included."""
    found = queries.count_by_status(and_(_visible(viewer), not_erased(Interview.candidate_id)))
    return {status: found.get(status, 0) for status in STATUSES}


def count_erased(viewer: Viewer) -> int:
    """How many of the interviews somebody may see were of candidates who are erased: rows that stay as history."""
    return sum(queries.count_by_status(_visible(viewer)).values()) - sum(counts(viewer).values())


def interviews_in(viewer: Viewer, status: str | None) -> Select[tuple[Interview]]:
    """The interviews somebody may see; of one status those that are anybody's."""
    found = finding.interviews(status=status).where(_visible(viewer))
    return found if status is None else found.where(not_erased(Interview.candidate_id))


def _visible(viewer: Viewer) -> ColumnElement[bool]:
    return visible_rows(viewer, Interview.position_id, Interview.invitation_id)


def one(interview_id: str) -> ListedInterview:
    """The row of one interview. Raises NotFound ``interview_unknown``."""
    return listed([finding.get_interview(interview_id)])[0]

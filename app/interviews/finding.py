"""Interviews found by id or by invitation, for every feature.

A module of its own because interviews.service calls reports, surveys and decisions, which look interviews up too.
"""

from __future__ import annotations

from app.interviews.queries import (
    consents_of,
    find_interview,
    get_interview,
    get_interview_of,
    interview_ids,
    interviews,
    lock_interview,
    recording_withdrawn,
)

__all__ = [
    "consents_of",
    "find_interview",
    "get_interview",
    "get_interview_of",
    "interview_ids",
    "interviews",
    "lock_interview",
    "recording_withdrawn",
]

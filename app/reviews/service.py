"""People review an interview by its rubric and comment on it; where blind, one writes before one reads (H3, ADR 28)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.exc import IntegrityError

from app.audits.service import Actor, record
from app.core.database import current_tenant_id, db
from app.core.encryption import seal_json, unseal_json
from app.core.errors import Conflict, InvalidInput
from app.core.ids import new_id
from app.interviews.finding import get_interview, lock_interview
from app.interviews.models import Interview
from app.interviews.service import rubric_of
from app.policies.service import get_policy
from app.reviews import queries
from app.reviews.models import Comment, Review
from app.scoring.rubric import Rubric
from app.users.service import names_of
from tenants.keys import candidate_key

MOST_COMMENTS = 500
MOST_VERSIONS = 100


@dataclass(frozen=True)
class Rating:
    """One competency, rated 0 to 10."""

    competency: str
    score: int
    note: str


@dataclass(frozen=True)
class ReviewVersion:
    """A review at some time, opened."""

    number: int
    recommendation: str
    summary: str
    ratings: list[Rating]
    created_at: datetime


@dataclass(frozen=True)
class OpenReview:
    """What one person thinks now, and thought before (oldest first)."""

    reviewer_id: str
    reviewer_name: str
    newest: ReviewVersion
    earlier: list[ReviewVersion]


@dataclass(frozen=True)
class Reviews:
    """The reviews of an interview as one person may see them. ``hidden`` counts those that they may not see yet."""

    rubric: Rubric
    own: OpenReview | None
    others: list[OpenReview]
    hidden: int
    blind: bool
    open: bool


@dataclass(frozen=True)
class OpenComment:
    """A remark, opened."""

    id: str
    author_id: str
    author_name: str
    body: str
    take_id: str | None
    at_ms: int | None
    created_at: datetime


def review(
    actor: Actor, interview_id: str, *, recommendation: str, summary: str, ratings: Sequence[Rating]
) -> Reviews:
    """Write or change one's own review; saying the same again changes nothing.

    Raises NotFound ``interview_unknown``, Conflict ``review_too_early`` | ``review_closed`` | ``review_full``, InvalidInput
    ``competency_unknown`` | ``competency_repeated``, Gone ``candidate_erased``.
    """
    interview = lock_interview(interview_id)
    key = candidate_key(current_tenant_id(), interview.candidate_id)
    _check_open(interview)
    _check_ratings(rubric_of(interview), ratings)
    before = queries.newest_review(interview_id, actor.id)
    content = {"summary": summary, "ratings": [vars(rating) for rating in ratings]}
    if before is None or (before.recommendation, _content(before, key)) != (recommendation, content):
        if before is not None and before.number >= MOST_VERSIONS:
            raise Conflict("review_full")
        review_id = new_id()
        made = Review(
            id=review_id,
            interview_id=interview.id,
            candidate_id=interview.candidate_id,
            reviewer_id=actor.id,
            number=before.number + 1 if before else 1,
            recommendation=recommendation,
            content=seal_json(key, content, _context("review", review_id)),
        )
        db.session.add(made)
        try:
            db.session.flush()
        except IntegrityError as error:  # two devices of one person at once
            raise Conflict("try_again") from error
        record(actor, "review.written", "interview", interview.id, number=made.number)
    return read_reviews(actor.id, interview.id)


def read_reviews(reader_id: str, interview_id: str) -> Reviews:
    """The reviews as this person may see them. Raises NotFound ``interview_unknown``, Gone ``candidate_erased``."""
    interview = get_interview(interview_id)
    found = queries.reviews_of(interview_id)
    names = names_of(found)
    key = candidate_key(current_tenant_id(), interview.candidate_id)
    own = found.pop(reader_id, None)
    waits = _must_write_first(interview, has_own=own is not None)
    return Reviews(
        rubric=rubric_of(interview),
        own=_opened(own, key, names) if own else None,
        others=[] if waits else [_opened(versions, key, names) for versions in found.values()],
        hidden=len(found) if waits else 0,
        blind=get_policy().blind_review,
        open=interview.status != "decided",
    )


def all_reviews(interview: Interview) -> list[OpenReview]:
    """Everybody's reviews, whoever asks: for a candidate's own copy. Raises Gone ``candidate_erased``."""
    found = queries.reviews_of(interview.id)
    key, names = candidate_key(current_tenant_id(), interview.candidate_id), names_of(found)
    return [_opened(versions, key, names) for versions in found.values()]


def may_read_others(reader_id: str, interview: Interview) -> bool:
    """Whether this person may see what others think of an interview: not before their own review is in, where blind."""
    own = queries.newest_review(interview.id, reader_id)
    return not _must_write_first(interview, has_own=own is not None)


def comment(
    actor: Actor, interview_id: str, *, body: str, take_id: str | None = None, at_ms: int | None = None
) -> tuple[list[OpenComment], int]:
    """Add a remark, perhaps on a moment of a take; what ``read_comments`` gives then.

    Raises NotFound ``interview_unknown``, InvalidInput ``comment_place_unknown``, Conflict ``comments_full``, Gone
    ``candidate_erased``.
    """
    interview = lock_interview(interview_id)
    key = candidate_key(current_tenant_id(), interview.candidate_id)
    known = take_id is not None and queries.has_take(interview_id, take_id)
    if (take_id is not None and not known) or (at_ms is not None and take_id is None):
        raise InvalidInput("comment_place_unknown")
    if queries.count_comments(interview_id) >= MOST_COMMENTS:
        raise Conflict("comments_full")
    comment_id = new_id()
    db.session.add(
        Comment(
            id=comment_id,
            interview_id=interview.id,
            candidate_id=interview.candidate_id,
            author_id=actor.id,
            take_id=take_id,
            at_ms=at_ms,
            content=seal_json(key, {"body": body}, _context("interview_comment", comment_id)),
        )
    )
    db.session.flush()
    record(actor, "comment.written", "interview", interview.id)
    return read_comments(actor.id, interview.id)


def read_comments(reader_id: str, interview_id: str) -> tuple[list[OpenComment], int]:
    """(remarks that this person may see, how many they may not see yet), oldest first."""
    interview = get_interview(interview_id)
    key = candidate_key(current_tenant_id(), interview.candidate_id)
    found = queries.comments_of(interview_id)
    shown = found
    if not may_read_others(reader_id, interview):
        shown = [made for made in found if made.author_id == reader_id]
    names = names_of(made.author_id for made in shown)
    opened = [
        OpenComment(
            id=made.id,
            author_id=made.author_id,
            author_name=names.get(made.author_id, ""),
            body=unseal_json(key, made.content, _context("interview_comment", made.id))["body"],
            take_id=made.take_id,
            at_ms=made.at_ms,
            created_at=made.created_at,
        )
        for made in shown
    ]
    return opened, len(found) - len(shown)


def count_comments(interview_id: str) -> int:
    """How many remarks an interview has."""
    return queries.count_comments(interview_id)


def _must_write_first(interview: Interview, *, has_own: bool) -> bool:
    return get_policy().blind_review and not has_own and interview.status != "decided"


def _check_open(interview: Interview) -> None:
    if interview.finished_at is None:
        raise Conflict("review_too_early")
    if interview.status == "decided":
        raise Conflict("review_closed")


def _check_ratings(rubric: Rubric, ratings: Sequence[Rating]) -> None:
    rated = [rating.competency for rating in ratings]
    if len(rated) != len(set(rated)):
        raise InvalidInput("competency_repeated")
    if not set(rated) <= {competency.key for competency in rubric.competencies}:
        raise InvalidInput("competency_unknown")


def _opened(versions: list[Review], key: bytes, names: dict[str, str]) -> OpenReview:
    shown = [_version(made, key) for made in versions]
    reviewer = versions[0].reviewer_id
    return OpenReview(reviewer, names.get(reviewer, ""), shown[-1], shown[:-1])


def _version(made: Review, key: bytes) -> ReviewVersion:
    content = _content(made, key)
    return ReviewVersion(
        number=made.number,
        recommendation=made.recommendation,
        summary=content["summary"],
        ratings=[Rating(**rating) for rating in content["ratings"]],
        created_at=made.created_at,
    )


def _content(made: Review, key: bytes) -> dict[str, Any]:
    content: dict[str, Any] = unseal_json(key, made.content, _context("review", made.id))
    return content


def _context(table: str, row_id: str) -> str:
    return f"{table}:{row_id}:content"

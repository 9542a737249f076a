"""Reads of reviews and comments."""

from __future__ import annotations

from sqlalchemy import func, select

from app.core.database import db
from app.interviews.models import Take
from app.reviews.models import Comment, Review


def reviews_of(interview_id: str) -> dict[str, list[Review]]:
    """Every version of every review of an interview by reviewer, oldest first."""
    found: dict[str, list[Review]] = {}
    rows = select(Review).where(Review.interview_id == interview_id).order_by(Review.number)
    for review in db.session.scalars(rows):
        found.setdefault(review.reviewer_id, []).append(review)
    return found


def newest_review(interview_id: str, reviewer_id: str) -> Review | None:
    """The version of somebody's review that counts."""
    found = select(Review).where(Review.interview_id == interview_id, Review.reviewer_id == reviewer_id)
    return db.session.scalars(found.order_by(Review.number.desc()).limit(1)).first()


def comments_of(interview_id: str) -> list[Comment]:
    """The comments on an interview, oldest first."""
    found = select(Comment).where(Comment.interview_id == interview_id).order_by(Comment.id)
    return list(db.session.scalars(found))


def count_comments(interview_id: str) -> int:
    """How many comments an interview has."""
    found = select(func.count(Comment.id)).where(Comment.interview_id == interview_id)
    return db.session.execute(found).scalar_one()


def has_take(interview_id: str, take_id: str) -> bool:
    """Whether a take belongs to an interview."""
    found = select(Take.id).where(Take.id == take_id, Take.interview_id == interview_id)
    return db.session.execute(found).first() is not None

"""Routes of reviews and comments."""

from __future__ import annotations

from dataclasses import asdict

from apiflask import APIBlueprint

from app.core.catalogue import best_language, text
from app.http.actors import actor
from app.http.callers import STAFF, allow, caller
from app.http.idempotency import idempotent
from app.http.problems import language
from app.reviews import service
from app.reviews.schemas import (
    AnchorOut,
    CommentIn,
    CommentOut,
    CommentsOut,
    CriterionOut,
    RatingOut,
    ReviewIn,
    ReviewOut,
    ReviewsOut,
    ReviewVersionOut,
)
from app.scoring.rubric import Rubric

blueprint = APIBlueprint("reviews", __name__, url_prefix="/api/v1/interviews", tag="Reviews")


@blueprint.get("/<interview_id>/reviews")
@allow(*STAFF)
@blueprint.output(ReviewsOut)
def get_reviews(interview_id: str) -> ReviewsOut:
    """What to rate, one's own review, and those of others as far as one may see them now."""
    return _shown(interview_id, service.read_reviews(caller().subject, interview_id))


@blueprint.put("/<interview_id>/review")
@allow(*STAFF)
@blueprint.input(ReviewIn)
@blueprint.output(ReviewsOut)
def write_review(interview_id: str, json_data: ReviewIn) -> ReviewsOut:
    """Write or change one's own review, until the interview is decided; earlier versions are kept."""
    ratings = [service.Rating(**rating.model_dump()) for rating in json_data.ratings]
    written = service.review(
        actor(),
        interview_id,
        recommendation=json_data.recommendation,
        summary=json_data.summary,
        ratings=ratings,
    )
    return _shown(interview_id, written)


@blueprint.get("/<interview_id>/comments")
@allow(*STAFF)
@blueprint.output(CommentsOut)
def get_comments(interview_id: str) -> CommentsOut:
    """Remarks of colleagues on an interview, as far as one may see them now."""
    return _comments(interview_id, *service.read_comments(caller().subject, interview_id))


@blueprint.post("/<interview_id>/comments")
@allow(*STAFF)
@idempotent
@blueprint.input(CommentIn)
@blueprint.output(CommentsOut, status_code=201)
def write_comment(interview_id: str, json_data: CommentIn) -> CommentsOut:
    """Remark on an interview, perhaps on a moment of a take."""
    return _comments(interview_id, *service.comment(actor(), interview_id, **json_data.model_dump()))


def _shown(interview_id: str, found: service.Reviews) -> ReviewsOut:
    tongue = best_language(language())
    return ReviewsOut(
        interview_id=interview_id,
        criteria=[
            CriterionOut(
                key=competency.key,
                name=competency.name_in(tongue),
                anchors=[AnchorOut(score=level.score, text=level.text) for level in competency.levels],
            )
            for competency in found.rubric.competencies
        ],
        own=_review(found.own, found.rubric, tongue) if found.own else None,
        others=[_review(one, found.rubric, tongue) for one in found.others],
        hidden=found.hidden,
        blind=found.blind,
        open=found.open,
    )


def _review(one: service.OpenReview, rubric: Rubric, tongue: str) -> ReviewOut:
    return ReviewOut(
        reviewer_id=one.reviewer_id,
        reviewer_name=one.reviewer_name,
        earlier=[_version(version, rubric, tongue) for version in one.earlier],
        **_version(one.newest, rubric, tongue).model_dump(),
    )


def _version(one: service.ReviewVersion, rubric: Rubric, tongue: str) -> ReviewVersionOut:
    names = {competency.key: competency.name_in(tongue) for competency in rubric.competencies}
    return ReviewVersionOut.model_validate(
        {
            **asdict(one),
            "recommendation_words": text(tongue, f"reviews.recommendations.{one.recommendation}"),
            "ratings": [
                RatingOut(
                    competency=rating.competency,
                    name=names[rating.competency],
                    score=rating.score,
                    note=rating.note,
                )
                for rating in one.ratings
            ],
        }
    )


def _comments(interview_id: str, shown: list[service.OpenComment], hidden: int) -> CommentsOut:
    own = caller().subject
    return CommentsOut(
        interview_id=interview_id,
        comments=[
            CommentOut(
                own=one.author_id == own,
                **{name: getattr(one, name) for name in CommentOut.model_fields if name != "own"},
            )
            for one in shown
        ],
        hidden=hidden,
    )

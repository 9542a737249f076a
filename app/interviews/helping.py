"""What the company's people may change about a running interview, so that a candidate gets on (L2)."""

from __future__ import annotations

from sqlalchemy import update
from sqlalchemy.engine import CursorResult

from app.core.database import db
from app.core.errors import NotFound
from app.interviews import queries
from app.interviews.models import Interview, Take
from app.scoring.rubric import Medium, Question


def offered_media(question: Question, *, voice_allowed: bool) -> list[Medium]:
    """How a question may be answered: as the rubric says, and first by voice where that was allowed."""
    if not voice_allowed:
        return list(question.media)
    return ["voice", *(medium for medium in question.media if medium != "voice")]


def reset_question(interview: Interview, question_id: str) -> bool:
    """Give a question all its attempts back; its takes are kept, and the answer stands until another is handed in.

    False when no attempt was used. Raises NotFound ``question_unknown``.
    """
    answer = queries.answers_of(interview.id).get(question_id)
    if answer is None:
        raise NotFound("question_unknown")
    result = db.session.execute(
        update(Take)
        .where(Take.answer_id == answer.id, Take.waived.is_(False))
        .values(waived=True)
        .execution_options(synchronize_session=False)
    )
    assert isinstance(result, CursorResult)
    return result.rowcount > 0

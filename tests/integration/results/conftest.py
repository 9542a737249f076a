"""A finished interview on a real database, in the state the phone and the uploads leave it in."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import ColumnElement, select, true

from app.candidates.models import Application, Candidate
from app.core.clock import utcnow
from app.core.context import ports
from app.core.database import db
from app.core.encryption import CHUNK_BYTES, ChunkCipher, new_key, seal_json, wrap_key
from app.core.ids import new_id, new_token
from app.core.signals import ModalityResult
from app.core.work import cancel_work, schedule_work
from app.interviews.models import Answer, Consent, Interview, Take
from app.invitations.models import Invitation
from app.messages.models import Message
from app.positions.models import Position, PositionVersion
from app.positions.queries import get_position, get_version
from app.recordings.models import Segment
from app.users.sessions import open_session
from tenants.keys import create_candidate_key
from tenants.tenancy import tenant_transaction
from tests.factories import Company, Headers, World, bearer, unused_phone
from tests.unit.scoring import builders

RUBRIC = builders.rubric().model_dump(mode="json")


@dataclass
class Finished:
    """An interview with its answers; ``takes`` by question id."""

    world: World
    company: Company
    id: str
    invitation_id: str
    candidate_id: str
    position_id: str
    takes: dict[str, str] = field(default_factory=dict)

    def candidate(self) -> Headers:
        """Headers of the candidate."""
        with self.world.app.app_context(), tenant_transaction(self.company.id):
            claims = {"role": "candidate", "invitation": self.invitation_id, "identity": "0" * 32}
            return bearer(open_session(self.candidate_id, claims).access_token)

    def tell_result(self) -> None:
        """The notice of the decision reaches the candidate."""
        assert self._deliver(Message.kind == "result") == 1

    def tell_everything(self) -> None:
        """Every message reaches the candidate."""
        self._deliver(true())

    def _deliver(self, which: ColumnElement[bool]) -> int:
        with self.world.app.app_context(), tenant_transaction(self.company.id):
            found = select(Message).where(Message.invitation_id == self.invitation_id, which)
            messages = db.session.scalars(found).all()
            for message in messages:
                message.status = "delivered"
            return len(messages)


@dataclass
class Results:
    """Makes interviews in a world."""

    world: World

    def position(self, company: Company | None = None, rubric: Any = None) -> str:
        """A position with two competencies and two questions."""
        return self.world.add_position(company or self.world.acme, rubric=rubric or RUBRIC)

    def interview(
        self,
        position_id: str,
        *,
        company: Company | None = None,
        name: str = "李明",
        media: dict[str, str] | None = None,
        consents: tuple[str, ...] = ("recording", "voice"),
        status: str = "finished",
        language: str = "zh-CN",
        written: dict[str, str] | None = None,
        version: int | None = None,
    ) -> Finished:
        """An interview whose takes are submitted; ``media`` by question id, ``written`` the words of text answers.

        It started with the position's present version unless ``version`` says otherwise.
        """
        company = company or self.world.acme
        with self.world.app.app_context(), tenant_transaction(company.id):
            return self._build(
                position_id, company, name, media or {}, consents, status, language, written or {}, version
            )

    def _build(
        self,
        position_id: str,
        company: Company,
        name: str,
        media: dict[str, str],
        consents: tuple[str, ...],
        status: str,
        language: str,
        written: dict[str, str],
        number: int | None,
    ) -> Finished:
        position = get_position(position_id)
        version = get_version(position.id, number or position.current_version)
        candidate_id = new_id()
        key = create_candidate_key(company.id, candidate_id)
        profile = {"name": name, "phone": unused_phone(), "email": None}
        candidate = Candidate(
            id=candidate_id,
            phone_index=new_id() + new_id(),
            profile=seal_json(key, profile, f"candidate:{candidate_id}:profile"),
            language=language,
        )
        db.session.add(candidate)
        db.session.flush()
        invitation, interview = _invited(position, version, candidate_id)
        interview.status = status
        interview.finished_at = None if status == "in_progress" else utcnow()
        for modality in consents:
            db.session.add(
                Consent(
                    invitation_id=invitation.id,
                    candidate_id=candidate_id,
                    modality=modality,
                    granted=True,
                    text_version="1",
                    language=language,
                )
            )
        made = Finished(self.world, company, interview.id, invitation.id, candidate_id, position_id)
        for question in version.rubric["questions"]:
            medium = media.get(question["id"], "video")
            made.takes[question["id"]] = _submit(interview, question["id"], medium, key, written)
        return made

    def measured(
        self, finished: Finished, answers: dict[str, list[ModalityResult]] | None = None
    ) -> Finished:
        """Store signals written by hand for every take and conclude them; asks for the score."""
        from app.analyses import service as analyses
        from app.reports.service import request_score

        given = answers or {"difficulty": _told(builders.STORY), "team": _told(builders.STORY)}
        with self.world.app.app_context(), tenant_transaction(finished.company.id):
            for question, results in given.items():
                for result in results:
                    analyses.store_result(finished.takes[question], result)
                analyses.conclude(finished.takes[question])
                cancel_work("analyse_take", finished.takes[question])
            request_score(finished.id)
        return finished

    def scored(self, finished: Finished, answers: dict[str, list[ModalityResult]] | None = None) -> Finished:
        """Measured and scored by the real job."""
        self.measured(finished, answers)
        assert self.world.perform("score_interview") >= 1
        return finished

    def upload(
        self, finished: Finished, question: str, recording: Path, *, number: int = 0, starts_at_ms: int = 0
    ) -> None:
        """Put a recording where a finished upload leaves it: sealed in the store, as one segment."""
        data = recording.read_bytes()
        with self.world.app.app_context(), tenant_transaction(finished.company.id):
            file_key, segment_id = new_key(), new_id()
            key = create_candidate_key(finished.company.id, finished.candidate_id)
            store_key = f"{finished.company.id}/{segment_id}"
            cipher, position = ChunkCipher(file_key, segment_id), 0
            for index, at in enumerate(range(0, len(data), CHUNK_BYTES)):
                last = at + CHUNK_BYTES >= len(data)
                sealed = cipher.seal_chunk(index, data[at : at + CHUNK_BYTES], last=last)
                ports().recordings.append(store_key, position, sealed)
                position += len(sealed)
            db.session.add(
                Segment(
                    id=segment_id,
                    take_id=finished.takes[question],
                    candidate_id=finished.candidate_id,
                    number=number,
                    starts_at_ms=starts_at_ms,
                    content_type="video/mp4" if recording.suffix == ".mp4" else "audio/mp4",
                    length=len(data),
                    offset=len(data),
                    status="complete",
                    sha256=sha256(data).hexdigest(),
                    store_key=store_key,
                    wrapped_key=wrap_key(key, file_key),
                    expires_at=utcnow() + timedelta(days=1),
                    completed_at=utcnow(),
                )
            )


def told(text: str, **how: Any) -> list[ModalityResult]:
    """Signals of a spoken answer with these words."""
    return _told(text, **how)


def _told(text: str, **how: Any) -> list[ModalityResult]:
    return [
        builders.media(),
        builders.speech(text, **how),
        builders.delivery(text),
        builders.words(text),
        builders.result("face", None, status="skipped", reason="no_consent_or_policy"),
        builders.integrity(),
    ]


def _invited(position: Position, version: PositionVersion, candidate_id: str) -> tuple[Invitation, Interview]:
    application = Application(candidate_id=candidate_id, position_id=position.id)
    db.session.add(application)
    db.session.flush()
    invitation = Invitation(
        application_id=application.id,
        candidate_id=candidate_id,
        position_id=position.id,
        token=new_token(28),
        app_id="wx0000000000000000",
        window_starts_at=utcnow() - timedelta(hours=1),
        window_ends_at=utcnow() + timedelta(days=2),
        status="finished",
        identity_id="0" * 32,
        created_by="0" * 32,
    )
    db.session.add(invitation)
    db.session.flush()
    interview = Interview(
        invitation_id=invitation.id,
        application_id=application.id,
        candidate_id=candidate_id,
        position_id=position.id,
        position_version_id=version.id,
    )
    db.session.add(interview)
    db.session.flush()
    return invitation, interview


def _submit(interview: Interview, question_id: str, medium: str, key: bytes, written: dict[str, str]) -> str:
    answer = Answer(interview_id=interview.id, question_id=question_id, submitted_at=utcnow())
    db.session.add(answer)
    db.session.flush()
    take_id = new_id()
    words = written.get(question_id)
    db.session.add(
        Take(
            id=take_id,
            answer_id=answer.id,
            interview_id=interview.id,
            candidate_id=interview.candidate_id,
            number=1,
            medium=medium,
            status="submitted",
            written_text=None if words is None else seal_json(key, words, f"take:{take_id}:written_text"),
            submitted_at=utcnow(),
        )
    )
    db.session.flush()
    answer.take_id = take_id
    schedule_work("analyse_take", take_id)
    return take_id


@pytest.fixture
def results(world: World) -> Results:
    """Makes interviews on SQLite."""
    return Results(world)


@pytest.fixture
def either_results(either_world: World) -> Results:
    """Makes interviews on SQLite and on MariaDB."""
    return Results(either_world)

"""Two companies whose rows have equal ids in every table; only the secret words in them differ."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

from sqlalchemy import Table, select

from app.alerts.models import Alert
from app.analyses.models import Analysis
from app.appeals.models import Appeal
from app.candidates.models import Application, Candidate, Resume
from app.contingencies.models import Contingency
from app.core.clock import utcnow
from app.core.database import db
from app.core.encryption import new_key, seal, seal_json, wrap_key
from app.core.work import schedule_work
from app.decisions.models import Decision
from app.drafts.documents import PreAssessment, Provenance, TailoredQuestion
from app.drafts.models import Draft, PreAssessmentRow
from app.drafts.reading import read_posting
from app.drafts.rules import draft_position
from app.faqs.models import Faq
from app.interviews.models import Answer, Consent, Interview, Take
from app.invitations.models import BindingCode, Invitation
from app.messages.models import Message, MessageAttempt
from app.positions.models import InvitationViewer, Position, PositionMember, PositionVersion
from app.recordings.models import Rendition, Segment
from app.reports.models import ScoreRow
from app.resumes.models import ResumeFile
from app.reviews.models import Comment, Review
from app.scoring.answers import AnswerSignals
from app.scoring.policy import ScoringPolicy
from app.scoring.receipt import make_receipt
from app.scoring.rubric import Rubric, rubric_hash
from app.scoring.score import score_interview
from app.shares.models import Share
from app.shortlists.models import BackgroundCheck, ShortlistRule
from app.surveys.models import Survey, SurveyResponse
from app.threads.models import Picture, Post, Thread
from app.users.models import PhoneCode, User, UserPhone
from app.users.sessions import open_session
from tenants.keys import create_candidate_key
from tenants.tenancy import tenancy, tenant_scope, tenant_transaction
from tests.factories import RUBRIC, Company, Headers, World, bearer

STAFF = ("owner", "recruiter", "interviewer", "lead")


def twin_id(name: str) -> str:
    """The id that a row of this name has in every company."""
    return hashlib.sha256(name.encode()).hexdigest()[:32]


def secret_of(company: Company) -> str:
    """A word that stands in this company's rows and nowhere else."""
    return f"secret-of-{company.slug}"


def fill(world: World, company: Company) -> dict[str, Headers]:
    """One row or more in every table that a person's journey fills; a session for each role."""
    secret = secret_of(company)
    with world.app.app_context():
        key = create_candidate_key(company.id, twin_id("candidate"))
        with tenant_transaction(company.id):
            for part in (_people, _offer, _drafts, _interview, _results, _messages, _opinions, _answers):
                part(company, secret, key)
            return _sessions(company)


def _add(model: type, twin: str, /, **values: Any) -> None:
    db.session.add(model(id=twin_id(twin), **values))
    db.session.flush()


def _people(company: Company, secret: str, key: bytes) -> None:
    for role in STAFF:
        email = f"{role}@{secret}.example"
        _add(User, role, email=email, name=secret, role=role, password_hash="x")
    db.session.add(UserPhone(user_id=twin_id("lead"), identity_id=twin_id("phone of a lead")))
    code = {"user_id": twin_id("lead"), "code_hash": "1" * 64, "made_by": twin_id("owner")}
    _add(PhoneCode, "phone code", **code, expires_at=utcnow() + timedelta(minutes=10))
    profile = {"name": secret, "phone": "+8613900000000", "email": f"{secret}@mail.example"}
    _add(
        Candidate,
        "candidate",
        phone_index=twin_id("phone") * 2,
        profile=seal_json(key, profile, f"candidate:{twin_id('candidate')}:profile"),
    )

    _add(
        Resume,
        "resume",
        candidate_id=twin_id("candidate"),
        content=seal_json(key, secret, f"resume:{twin_id('resume')}:content"),
    )


def _offer(company: Company, secret: str, key: bytes) -> None:
    rubric = Rubric.model_validate(RUBRIC)
    _add(Position, "position", title=secret, description=secret, created_by=twin_id("owner"))
    _add(
        PositionVersion,
        "version",
        position_id=twin_id("position"),
        number=1,
        rubric=rubric.model_dump(mode="json"),
        rubric_hash=rubric_hash(rubric),
        created_by=twin_id("owner"),
    )
    for role in ("recruiter", "interviewer"):
        member = {"position_id": twin_id("position"), "user_id": twin_id(role)}
        db.session.add(PositionMember(**member, added_by=twin_id("owner")))
    _add(Application, "application", candidate_id=twin_id("candidate"), position_id=twin_id("position"))
    _add(
        Invitation,
        "invitation",
        application_id=twin_id("application"),
        candidate_id=twin_id("candidate"),
        position_id=twin_id("position"),
        token=link_token(company),
        app_id="wx-shared",
        window_starts_at=utcnow() - timedelta(hours=1),
        window_ends_at=utcnow() + timedelta(hours=47),
        materials=secret,
        status="started",
        identity_id=twin_id("identity"),
        bound_at=utcnow(),
        created_by=twin_id("recruiter"),
    )
    shown = {"invitation_id": twin_id("invitation"), "user_id": twin_id("lead")}
    db.session.add(InvitationViewer(**shown, added_by=twin_id("owner")))
    _add(
        BindingCode,
        "code",
        invitation_id=twin_id("invitation"),
        identity_id=twin_id("identity"),
        code_hash="0" * 64,
        expires_at=utcnow() + timedelta(minutes=10),
    )


def _drafts(company: Company, secret: str, key: bytes) -> None:
    """Both are being written, so that their jobs have something to do."""
    content = draft_position(read_posting("销售代表\n要求：熟悉CRM", secret), most_seconds=600)
    made = Provenance().model_dump(mode="json")
    _add(
        Draft,
        "draft",
        title=secret,
        status="writing",
        content=content.model_dump(mode="json"),
        provenance=made,
        asked_at=utcnow(),
        created_by=twin_id("recruiter"),
    )
    found = PreAssessment(language="zh-CN", questions=[TailoredQuestion(text=secret, reason="depth")])
    context = f"preassessment:{twin_id('preassessment')}"
    _add(
        PreAssessmentRow,
        "preassessment",
        candidate_id=twin_id("candidate"),
        position_id=twin_id("position"),
        status="writing",
        resume=seal_json(key, secret, f"{context}:resume"),
        content=seal_json(key, found.model_dump(mode="json"), f"{context}:content"),
        provenance=made,
        asked_at=utcnow(),
        created_by=twin_id("recruiter"),
    )


def _interview(company: Company, secret: str, key: bytes) -> None:
    candidate, invitation = twin_id("candidate"), twin_id("invitation")
    for modality in ("recording", "voice", "face"):
        _add(
            Consent,
            modality,
            invitation_id=invitation,
            candidate_id=candidate,
            modality=modality,
            granted=True,
            text_version="1",
            language="zh-CN",
        )
    _add(
        Interview,
        "interview",
        invitation_id=invitation,
        application_id=twin_id("application"),
        candidate_id=candidate,
        position_id=twin_id("position"),
        position_version_id=twin_id("version"),
        status="decided",
        finished_at=utcnow(),
        scored_at=utcnow(),
    )
    _add(Answer, "answer", interview_id=twin_id("interview"), question_id="q1", take_id=twin_id("take"))
    _add(Answer, "second answer", interview_id=twin_id("interview"), question_id="q2")
    _add(
        Take,
        "take",
        answer_id=twin_id("answer"),
        interview_id=twin_id("interview"),
        candidate_id=candidate,
        number=1,
        medium="text",
        status="analysed",
        written_text=seal_json(key, secret, f"take:{twin_id('take')}:written_text"),
    )
    _add(
        Segment,
        "segment",
        take_id=twin_id("take"),
        candidate_id=candidate,
        number=0,
        content_type="video/mp4",
        length=1000,
        status="uploading",
        store_key=f"{company.id}/{twin_id('segment')}",
        wrapped_key=wrap_key(key, new_key()),
        expires_at=utcnow() + timedelta(days=1),
    )
    _add(
        Rendition,
        "rendition",
        take_id=twin_id("take"),
        candidate_id=candidate,
        store_key=f"{company.id}/{twin_id('rendition')}",
        wrapped_key=b"",
    )


def _results(company: Company, secret: str, key: bytes) -> None:
    interview = twin_id("interview")
    said = AnswerSignals(
        answer_id=twin_id("answer"),
        take_id=twin_id("take"),
        question_id="q1",
        medium="text",
        modalities={},
        written_text=f"{secret}拜访了三位客户。",
    )
    rubric, policy = Rubric.model_validate(RUBRIC), ScoringPolicy()
    score = score_interview(rubric, [said], policy)
    receipt = make_receipt(score, rubric, [said], policy, recordings={}, code_version=secret)
    _add(
        Analysis,
        "analysis",
        take_id=twin_id("take"),
        modality="text",
        status="failed",
        reason="silent",
        engine={"name": secret, "version": "1"},
    )
    _add(
        ScoreRow,
        "score",
        interview_id=interview,
        position_version_id=twin_id("version"),
        algorithm=score.algorithm,
        total=score.total_hundredths,
        document=seal_json(key, score.model_dump(mode="json"), f"score:{twin_id('score')}:document"),
        receipt=receipt.model_dump(mode="json"),
    )
    _add(
        Decision,
        "decision",
        interview_id=interview,
        outcome="advance",
        content=seal_json(
            key, {"reason": secret, "next_steps": secret}, f"decision:{twin_id('decision')}:content"
        ),
        decided_by=twin_id("recruiter"),
    )
    survey = db.session.scalars(select(Survey)).first()
    assert survey is not None
    _add(
        SurveyResponse,
        "response",
        survey_id=survey.id,
        interview_id=interview,
        candidate_id=twin_id("candidate"),
        answers=seal_json(key, {"comment": secret}, f"survey_response:{twin_id('response')}:answers"),
    )


def _opinions(company: Company, secret: str, key: bytes) -> None:
    interview, candidate = twin_id("interview"), twin_id("candidate")
    said = {"summary": secret, "ratings": []}
    _add(
        Review,
        "review",
        interview_id=interview,
        candidate_id=candidate,
        reviewer_id=twin_id("lead"),
        number=1,
        recommendation="yes",
        content=seal_json(key, said, f"review:{twin_id('review')}:content"),
    )
    _add(
        Comment,
        "comment",
        interview_id=interview,
        candidate_id=candidate,
        author_id=twin_id("lead"),
        content=seal_json(key, {"body": secret}, f"interview_comment:{twin_id('comment')}:content"),
    )
    person = {"name": secret, "phone": "+8613900000003", "note": secret}
    _add(
        Share,
        "share",
        interview_id=interview,
        candidate_id=candidate,
        token=link_token(company),
        person=seal_json(key, person, f"share:{twin_id('share')}:person"),
        created_by=twin_id("owner"),
        expires_at=utcnow() + timedelta(days=7),
        identity_id=twin_id("identity"),
        recommendation="yes",
        opinion=seal_json(key, {"words": secret}, f"share:{twin_id('share')}:opinion"),
        answered_at=utcnow(),
    )

    rule = {"position_id": twin_id("position"), "min_total": 800, "needs_check": True}
    db.session.add(ShortlistRule(**rule, set_by=twin_id("owner")))
    check = {"application_id": twin_id("application"), "candidate_id": candidate, "status": "pending"}
    db.session.add(BackgroundCheck(**check, recorded_by=twin_id("owner")))


def _answers(company: Company, secret: str, key: bytes) -> None:
    words = {"zh-CN": secret}
    _add(Faq, "faq", entries=[{"question": words, "answer": words}])


def _messages(company: Company, secret: str, key: bytes) -> None:
    content = {"title": secret, "body": secret, "fields": {}, "page": secret}
    _add(
        Message,
        "message",
        kind="result",
        channel="wechat",
        status="uncertain",
        candidate_id=twin_id("candidate"),
        invitation_id=twin_id("invitation"),
        content=seal_json(key, content, f"message:{twin_id('message')}:content"),
        dedupe_key="twin",
        due_at=utcnow(),
    )
    _add(Thread, "thread", invitation_id=twin_id("invitation"), candidate_id=twin_id("candidate"))
    words = seal_json(key, {"body": secret, "context": None}, f"post:{twin_id('post')}:content")
    _add(
        Post,
        "post",
        thread_id=twin_id("thread"),
        author_kind="candidate",
        author_id=twin_id("candidate"),
        content=words,
    )
    _add(
        Appeal,
        "appeal",
        interview_id=twin_id("interview"),
        candidate_id=twin_id("candidate"),
        reason=seal_json(key, {"body": secret}, f"appeal:{twin_id('appeal')}:reason"),
        due_at=utcnow() + timedelta(days=7),
    )
    _add(
        Picture,
        "picture",
        invitation_id=twin_id("invitation"),
        candidate_id=twin_id("candidate"),
        post_id=twin_id("post"),
        author_kind="candidate",
        author_id=twin_id("candidate"),
        width=1,
        height=1,
        content=seal(key, secret.encode(), f"post_picture:{twin_id('picture')}:content"),
    )
    _add(
        ResumeFile,
        "resume_file",
        candidate_id=twin_id("candidate"),
        kind="pdf",
        size=len(secret),
        about=seal_json(
            key, {"name": f"{secret}.pdf", "text": secret}, f"resume_file:{twin_id('resume_file')}:about"
        ),
        content=seal(key, secret.encode(), f"resume_file:{twin_id('resume_file')}:content"),
    )
    _add(
        Contingency,
        "help",
        invitation_id=twin_id("invitation"),
        kind="voice",
        detail={},
        made_by=twin_id("owner"),
    )
    _add(
        Alert,
        "alert",
        kind="decision",
        dedupe_key="twin",
        position_id=twin_id("position"),
        candidate_id=twin_id("candidate"),
        invitation_id=twin_id("invitation"),
        interview_id=twin_id("interview"),
        due_at=utcnow() - timedelta(hours=1),
    )
    _add(MessageAttempt, "attempt", message_id=twin_id("message"), channel="wechat", reason=None)
    schedule_work("deliver_message", twin_id("message"), utcnow() + timedelta(days=1))


def _sessions(company: Company) -> dict[str, Headers]:
    sessions = {role: bearer(open_session(twin_id(role), {"role": role}).access_token) for role in STAFF}
    claims = {"role": "candidate", "invitation": twin_id("invitation"), "identity": twin_id("identity")}
    sessions["candidate"] = bearer(open_session(twin_id("candidate"), claims).access_token)
    guest = {"role": "guest", "identity": twin_id("identity")}
    sessions["guest"] = bearer(open_session(twin_id("share"), guest).access_token)
    return sessions


def link_token(company: Company) -> str:
    """The invitation link of a company's twin."""
    record = tenancy().record("id", company.id)
    assert record is not None
    return record.link_key + "2" * 22


def dump(world: World, company: Company) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of a company, table by table."""
    with world.app.app_context(), tenant_scope(company.id, read_only=True):
        return {table.name: _rows(table) for table in db.metadatas["tenant"].sorted_tables}


def _rows(table: Table) -> list[tuple[Any, ...]]:
    return sorted((tuple(row) for row in db.session.execute(select(table))), key=repr)

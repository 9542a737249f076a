"""A candidate's own copy of everything a company keeps about them (C10, P2, PIPL article 45).

One JSON document. What a colleague wrote for the company alone (the reason inside a decision, a review's notes, remarks) is
not in it, nor what a rubric listens for, which would be the next candidate's answer sheet; the score only where the company
shows reports; what was measured always is.
"""

from __future__ import annotations

from typing import Any

from app.analyses.service import results_of_takes, written_text
from app.appeals.service import find_appeal
from app.audits.service import Actor, record
from app.candidates.service import find_resume, get_candidate, get_profile
from app.contingencies.service import given_to
from app.core.clock import utcnow
from app.core.database import current_tenant_id
from app.core.errors import Conflict, NotFound
from app.core.signals import ModalityResult
from app.decisions.service import find_told
from app.drafts.preassessments import content_of, resume_of
from app.exports import queries
from app.interviews.finding import consents_of
from app.interviews.models import Interview, Take
from app.interviews.service import rubric_of
from app.invitations.models import Invitation
from app.invitations.service import closing_reason
from app.messages.service import contents_of
from app.policies.service import get_policy
from app.positions.service import titles_of
from app.recordings.service import COMPLETE, issue_ticket, segments_of
from app.reports.render.remarks import NOT_FOR_CANDIDATES
from app.reports.service import get_scored
from app.resumes.service import find_file, open_file
from app.reviews.service import all_reviews
from app.shares.service import shown_for_copy
from app.shortlists.service import checks_for_copy
from app.surveys.service import own_response
from app.threads.service import read_thread
from app.threads.tickets import picture_address
from tenants.keys import candidate_key
from tenants.tenancy import get_tenant


def export_candidate(actor: Actor, candidate_id: str) -> dict[str, Any]:
    """Everything this company keeps about a candidate, as JSON values; recordings as addresses good for minutes.

    Raises NotFound ``candidate_unknown``, Gone ``candidate_erased``.
    """
    candidate = get_candidate(candidate_id)
    profile, resume = get_profile(candidate), find_resume(candidate_id)
    invitations = queries.invitations_of(candidate_id)
    interviews = queries.interviews_of(candidate_id)
    titles = titles_of(invitation.position_id for invitation in invitations)
    takes = queries.takes_of([interview.id for interview in interviews.values()])
    document = {
        "company": get_tenant(current_tenant_id()).name,
        "made_at": utcnow().isoformat(),
        "profile": {
            "name": profile.name,
            "phone": profile.phone,
            "email": profile.email,
            "language": candidate.language,
            "time_zone": candidate.time_zone,
            "added_at": candidate.created_at.isoformat(),
            "given_by_company": profile.given,
            "changed_at": candidate.changed_at and candidate.changed_at.isoformat(),
            "resume": resume and {"text": resume.text, "at": resume.updated_at.isoformat()},
            "resume_file": _resume_file(actor, candidate_id),
        },
        "invitations": [
            _invitation(
                actor, invitation, titles[invitation.position_id], interviews.get(invitation.id), takes
            )
            for invitation in invitations
        ],
        "background_checks": _checks(candidate_id),
        "resumes": _resumes(candidate_id),
        "messages": _messages(candidate_id),
    }
    record(actor, "candidate.exported", "candidate", candidate_id)
    return document


def _resume_file(actor: Actor, candidate_id: str) -> dict[str, Any] | None:
    given = find_file(candidate_id)
    if given is None:
        return None
    return {
        "name": given.name,
        "bytes": given.size,
        "text": given.text,
        "at": given.given_at.isoformat(),
        "address": open_file(actor, candidate_id).url,
    }


def _invitation(
    actor: Actor,
    invitation: Invitation,
    title: str,
    interview: Interview | None,
    takes: dict[str, list[Take]],
) -> dict[str, Any]:
    _, posts = read_thread(invitation)
    return {
        "position": title,
        "status": invitation.status,
        "window_starts_at": invitation.window_starts_at.isoformat(),
        "window_ends_at": invitation.window_ends_at.isoformat(),
        "slot_at": invitation.slot_at and invitation.slot_at.isoformat(),
        "materials": invitation.materials,
        "declined_because": _own_reason(invitation),
        "consents": [
            {
                "modality": consent.modality,
                "granted": consent.granted,
                "text_version": consent.text_version,
                "words": consent.words,
                "at": consent.created_at.isoformat(),
            }
            for consent in consents_of(invitation.id)
        ],
        "thread": [
            {
                "author": post.author_name or post.author_kind,
                "body": post.body,
                "context": post.context,
                "pictures": [
                    {
                        "width": picture.width,
                        "height": picture.height,
                        "address": picture_address(current_tenant_id(), picture.id, actor),
                    }
                    for picture in post.pictures
                ],
                "at": post.created_at.isoformat(),
            }
            for post in posts
        ],
        "help": [
            {"kind": one.kind, **one.detail, "at": one.created_at.isoformat()} for one in given_to(invitation)
        ],
        "interview": _interview(actor, interview, takes[interview.id]) if interview else None,
    }


def _own_reason(invitation: Invitation) -> str | None:
    """Why they declined; why a company took an invitation back is its own."""
    if invitation.status != "declined":
        return None
    return closing_reason(invitation, candidate_key(current_tenant_id(), invitation.candidate_id))


def _interview(actor: Actor, interview: Interview, takes: list[Take]) -> dict[str, Any]:
    questions = {question.id: question.text for question in rubric_of(interview).questions}
    asked = queries.questions_of(interview.id)
    measured, segments = results_of_takes(takes), segments_of([take.id for take in takes])
    return {
        "status": interview.status,
        "started_at": interview.started_at.isoformat(),
        "finished_at": interview.finished_at and interview.finished_at.isoformat(),
        "takes": [
            {
                "question": questions.get(asked[take.answer_id], asked[take.answer_id]),
                "number": take.number,
                "medium": take.medium,
                "device": take.device,
                "status": take.status,
                "reason": take.reason,
                "submitted_at": take.submitted_at and take.submitted_at.isoformat(),
                "written_text": written_text(take),
                "recordings": [
                    {
                        "number": segment.number,
                        "bytes": segment.length,
                        "sha256": segment.sha256,
                        "address": issue_ticket(actor, segment.id).path,
                    }
                    for segment in segments[take.id]
                    if segment.status == COMPLETE
                ],
                "measured": {modality: _measured(result) for modality, result in measured[take.id].items()},
            }
            for take in takes
        ],
        "score": _score(interview),
        "reviews": _reviews(interview),
        "shown_to_others": shown_for_copy(interview),
        "decision": _decision(interview),
        "survey": _survey(interview),
        "appeal": _appeal(interview),
    }


def _measured(result: ModalityResult) -> dict[str, Any]:
    """What was measured, without the rubric's words that the recogniser listened for."""
    shown = result.model_dump(mode="json")
    shown["engine"]["parameters"].pop("hotwords", None)
    return shown


def _score(interview: Interview) -> dict[str, Any] | None:
    """The score where it may be shown, without the gaps that name the rubric's words."""
    if not get_policy().candidate_sees_report:
        return None
    try:
        score = get_scored(interview).score.model_dump(mode="json")
    except Conflict:  # not scored yet
        return None
    for competency in score["competencies"]:
        competency["gaps"] = [gap for gap in competency["gaps"] if gap["key"] not in NOT_FOR_CANDIDATES]
    return score


def _decision(interview: Interview) -> dict[str, Any] | None:
    decision = find_told(interview)
    if decision is None:
        return None
    return {
        "outcome": decision.outcome,
        "next_steps": decision.next_steps,
        "decided_by": decision.decided_by_name,
        "decided_at": decision.decided_at.isoformat(),
    }


def _reviews(interview: Interview) -> list[dict[str, Any]]:
    """What people rated and recommended; who they are and what they noted stays inside, as a decision's reason does."""
    names = {competency.key: competency.name for competency in rubric_of(interview).competencies}
    return [
        {
            "recommendation": one.newest.recommendation,
            "ratings": [
                {"competency": names[rating.competency], "score": rating.score}
                for rating in one.newest.ratings
            ],
            "at": one.newest.created_at.isoformat(),
        }
        for one in all_reviews(interview)
    ]


def _survey(interview: Interview) -> dict[str, Any] | None:
    try:
        response, answers = own_response(interview)
    except NotFound:
        return None
    return {"answers": answers, "answered_at": response.created_at.isoformat()}


def _appeal(interview: Interview) -> dict[str, Any] | None:
    appeal = find_appeal(interview.id)
    if appeal is None:
        return None
    return {
        "reason": appeal.reason,
        "made_at": appeal.created_at.isoformat(),
        "due_at": appeal.due_at.isoformat(),
        "outcome": appeal.outcome,
        "answer": appeal.answer,
        "answered_by": appeal.answered_by_name,
    }


def _checks(candidate_id: str) -> list[dict[str, Any]]:
    """What was recorded about background checks; by whom stays inside, as with reviews."""
    found = checks_for_copy(candidate_id)
    positions = queries.positions_applied_for(candidate_id)
    titles = titles_of(positions[one] for one in found)
    return [
        {
            "position": titles[positions[one]],
            "status": check.status,
            "at": check.recorded_at and check.recorded_at.isoformat(),
        }
        for one, check in found.items()
    ]


def _resumes(candidate_id: str) -> list[dict[str, Any]]:
    """Résumés as the company has them and the facts read from them; what to ask about them is the company's."""
    rows = queries.resumes_of(candidate_id)
    titles = titles_of(row.position_id for row in rows)
    return [
        {
            "position": titles[row.position_id],
            "text": resume_of(row),
            "facts": [fact.model_dump(mode="json") for fact in content_of(row).facts],
            "at": row.created_at.isoformat(),
        }
        for row in rows
    ]


def _messages(candidate_id: str) -> list[dict[str, Any]]:
    found = queries.messages_to(candidate_id)
    words = contents_of(found)
    return [
        {
            "kind": message.kind,
            "channel": message.channel,
            "status": message.status,
            "title": words[message.id]["title"],
            "body": words[message.id]["body"],
            "at": (message.sent_at or message.due_at).isoformat(),
        }
        for message in found
    ]

"""Routes of contingencies."""

from __future__ import annotations

from apiflask import APIBlueprint

from app.candidates.service import profiles_by_id
from app.contingencies import service
from app.contingencies.schemas import Colleague, GivenHelp, HelpAction, HelpIn, HelpOut, HelpQuestion
from app.core.catalogue import best_language, text
from app.core.errors import DomainError, Gone
from app.http.actors import actor
from app.http.callers import STAFF, allow
from app.http.idempotency import idempotent
from app.http.problems import language
from app.interviews.finding import find_interview
from app.interviews.showing import shown_questions
from app.invitations.models import Invitation
from app.invitations.service import invitation_by_id, responsible_for
from app.positions.members import viewers_of
from app.positions.service import titles_of
from app.users.models import User
from app.users.service import colleagues, names_of

blueprint = APIBlueprint("contingencies", __name__, url_prefix="/api/v1/invitations", tag="Contingencies")


@blueprint.get("/<invitation_id>/help")
@allow(*STAFF)
@blueprint.output(HelpOut)
def get_help(invitation_id: str) -> HelpOut:
    """Where a candidate stands, what can be done for them now and what was done."""
    return _shown(invitation_by_id(invitation_id))


@blueprint.post("/<invitation_id>/help")
@allow("owner", "recruiter")
@idempotent
@blueprint.input(HelpIn)
@blueprint.output(HelpOut)
def help_candidate(invitation_id: str, json_data: HelpIn) -> HelpOut:
    """Do one thing for a candidate who is stuck; they are told in the thread and by a message, in the caller's name."""
    return _shown(service.help_candidate(actor(), invitation_id, **json_data.root.model_dump()))


@blueprint.delete("/<invitation_id>/viewers/<user_id>")
@allow("owner", "recruiter")
@blueprint.output(HelpOut)
def take_back(invitation_id: str, user_id: str) -> HelpOut:
    """Take a single invitation, handed over before, out of somebody's sight; who made it answers for it again."""
    return _shown(service.take_back(actor(), invitation_id, user_id))


def _shown(invitation: Invitation) -> HelpOut:
    tongue = best_language(language())
    profile = profiles_by_id([invitation.candidate_id]).get(invitation.candidate_id)
    if profile is None:
        raise Gone("candidate_erased")
    responsible, given = responsible_for(invitation), service.given_to(invitation)
    names = names_of([responsible, *(made.made_by for made in given)])
    return HelpOut(
        invitation_id=invitation.id,
        candidate_name=profile.name,
        position_title=titles_of([invitation.position_id])[invitation.position_id],
        status=invitation.status,
        window_ends_at=invitation.window_ends_at,
        slot_at=invitation.slot_at,
        voice_allowed=invitation.voice_allowed,
        responsible_id=responsible,
        responsible_name=names.get(responsible, ""),
        backup_link=service.newest_backup(invitation),
        actions=[_action(invitation, kind, tongue) for kind in service.KINDS],
        questions=_questions(invitation, tongue),
        colleagues=_people(colleagues()),
        viewers=_people(viewers_of(invitation.id)),
        given=[
            GivenHelp.model_validate(
                {
                    "id": made.id,
                    "kind": made.kind,
                    "detail": made.detail,
                    "words": service.told_words(made, invitation, tongue),
                    "made_by_name": names.get(made.made_by, ""),
                    "created_at": made.created_at,
                }
            )
            for made in given
        ],
    )


def _people(users: list[User]) -> list[Colleague]:
    return [Colleague(id=one.id, name=one.name, role=one.role) for one in users]


def _action(invitation: Invitation, kind: str, tongue: str) -> HelpAction:
    refusal: DomainError | None = service.why_not(invitation, kind)
    why = text(tongue, f"errors.{refusal.code}.detail") if refusal else None
    return HelpAction.model_validate({"kind": kind, "possible": refusal is None, "why_not": why})


def _questions(invitation: Invitation, tongue: str) -> list[HelpQuestion]:
    interview = find_interview(invitation.id)
    if interview is None:
        return []
    return [
        HelpQuestion(
            id=question.id,
            text=question.text,
            takes=len(question.answer.takes),
            takes_left=question.answer.takes_left,
        )
        for question in shown_questions(interview, "hr", tongue)
    ]

"""Which role may call which route of the company: written down here by what the roles are for, and walked."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from tests.factories import World
from tests.integration.tenancy.test_route_isolation import BODIES, PARAMETERS

OWNER, RECRUITER, INTERVIEWER, LEAD = ROLES = ("owner", "recruiter", "interviewer", "lead")

EVERYBODY = """
Whoever works for the company reads what their positions include, writes what they think of it, and keeps their own account.
GET /api/v1/alerts                                        GET /api/v1/alerts/counts
POST /api/v1/alerts/seen                                  GET /api/v1/appeals
GET /api/v1/me/alert-digest                               PUT /api/v1/me/alert-digest
GET /api/v1/board                                         GET /api/v1/board/interviews
GET /api/v1/candidates                                    GET /api/v1/candidates/<candidate_id>
GET /api/v1/drafts/templates                              GET /api/v1/faq
GET /api/v1/interviews                                    GET /api/v1/interviews/<interview_id>
GET /api/v1/interviews/<interview_id>/appeal              GET /api/v1/interviews/<interview_id>/comments
POST /api/v1/interviews/<interview_id>/comments           GET /api/v1/interviews/<interview_id>/decision
GET /api/v1/interviews/<interview_id>/decision-sheet      GET /api/v1/interviews/<interview_id>/opinions
GET /api/v1/interviews/<interview_id>/receipt             GET /api/v1/interviews/<interview_id>/report
GET /api/v1/interviews/<interview_id>/report.pdf          PUT /api/v1/interviews/<interview_id>/review
GET /api/v1/interviews/<interview_id>/reviews             GET /api/v1/invitations
GET /api/v1/invitations/<invitation_id>                   GET /api/v1/invitations/<invitation_id>/help
GET /api/v1/invitations/<invitation_id>/thread            GET /api/v1/me
GET /api/v1/me/phone                                      DELETE /api/v1/me/phone
POST /api/v1/me/phone-codes                               PUT /api/v1/me/password
GET /api/v1/messages                                      GET /api/v1/messages/<message_id>
GET /api/v1/policy                                        GET /api/v1/positions
GET /api/v1/positions/<position_id>                       GET /api/v1/positions/<position_id>/members
POST /api/v1/segments/<segment_id>/playback-tickets       DELETE /api/v1/sessions
GET /api/v1/survey/summary                                POST /api/v1/takes/<take_id>/playback-tickets
GET /api/v1/threads                                       GET /hr/
GET /hr/faq                                               GET /hr/interviews/<interview_id>
GET /hr/interviews/<interview_id>/report.pdf              GET /hr/phone
GET /hr/recordings/<take_id>/parts                        GET /hr/positions/<position_id>
POST /hr/phone                                            GET /hr/positions
POST /hr/sign-out                                         GET /hr/waiting
GET /hr/password                                          POST /hr/password
GET /api/v1/board/due-counts                              GET /api/v1/positions/<position_id>/shortlist-rule
GET /api/v1/interviews/<interview_id>/background-check
"""
DECIDERS = """
Who answers for a hire decides, and reviews what somebody else decided.
POST /api/v1/interviews/<interview_id>/appeal/answer      POST /api/v1/interviews/<interview_id>/decision
POST /api/v1/interviews/<interview_id>/decision-preview   POST /hr/interviews/<interview_id>/appeal
POST /hr/interviews/<interview_id>/decision               PUT /api/v1/interviews/<interview_id>/result-date
"""
RECRUITING = """
Who recruits invites, helps and answers candidates, opens positions and says who sees them.
GET /api/v1/alert-webhook                                 POST /api/v1/candidates
DELETE /api/v1/invitations/<invitation_id>/viewers/<user_id>
GET /api/v1/candidates/<candidate_id>/resume              GET /api/v1/colleagues
POST /api/v1/drafts                                       GET /api/v1/drafts
GET /api/v1/drafts/<draft_id>                             PUT /api/v1/drafts/<draft_id>
DELETE /api/v1/drafts/<draft_id>                          POST /api/v1/drafts/<draft_id>/approval
POST /api/v1/drafts/rewordings                            PUT /api/v1/faq
GET /api/v1/interviews/<interview_id>/score-diff          POST /api/v1/interviews/<interview_id>/shares
GET /api/v1/interviews/<interview_id>/shares              POST /api/v1/invitations
PATCH /api/v1/invitations/<invitation_id>                 POST /api/v1/invitations/<invitation_id>/cancel
POST /api/v1/invitations/<invitation_id>/help             POST /api/v1/invitations/<invitation_id>/thread
POST /api/v1/invitations/<invitation_id>/thread/pictures  POST /api/v1/invitations/<invitation_id>/unbind
POST /api/v1/messages/<message_id>/resolve                POST /api/v1/positions
PUT /api/v1/positions/<position_id>/access                PUT /api/v1/positions/<position_id>/members/<user_id>
DELETE /api/v1/positions/<position_id>/members/<user_id>  PUT /api/v1/positions/<position_id>/rubric
POST /api/v1/preassessments                               GET /api/v1/preassessments
GET /api/v1/preassessments/<preassessment_id>             POST /api/v1/preassessments/<preassessment_id>/approval
POST /api/v1/shares/<share_id>/revoke                     GET /hr/drafts/<draft_id>
POST /hr/drafts/<draft_id>                                POST /hr/faq
GET /hr/interviews/<interview_id>/resume                  POST /hr/interviews/<interview_id>/resume
GET /hr/interviews/<interview_id>/score-diff              POST /hr/invitations/<invitation_id>/thread
POST /hr/messages/<message_id>/resolve                    GET /hr/positions/<position_id>/people
POST /hr/positions/<position_id>/invitations
POST /hr/positions/<position_id>/people                   GET /hr/positions/new
POST /hr/positions/new                                    GET /hr/preassessments/<preassessment_id>
POST /hr/preassessments/<preassessment_id>                GET /hr/settings
PUT /api/v1/positions/<position_id>/shortlist-rule        DELETE /api/v1/positions/<position_id>/shortlist-rule
PUT /api/v1/interviews/<interview_id>/background-check
POST /api/v1/candidates/<candidate_id>/resume-file/tickets
POST /hr/interviews/<interview_id>/resume/file
"""
OWNERS = """
Who answers for the company keeps its people, its policy and its promises about data.
PUT /api/v1/alert-webhook                                 DELETE /api/v1/alert-webhook
POST /api/v1/alert-webhook/trial                          PUT /api/v1/candidates/<candidate_id>/erasure
PATCH /api/v1/policy                                      POST /api/v1/users
GET /api/v1/users                                         PATCH /api/v1/users/<user_id>
DELETE /api/v1/users/<user_id>/phone
POST /hr/settings                                         POST /hr/settings/robot
POST /hr/settings/robot/trial                             GET /hr/colleagues
POST /hr/colleagues                                       POST /hr/colleagues/<user_id>
"""
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def written() -> dict[tuple[str, str], set[str]]:
    """(method, route) -> roles."""
    table: dict[tuple[str, str], set[str]] = {}
    for words, roles in (
        (EVERYBODY, set(ROLES)),
        (DECIDERS, {OWNER, RECRUITER, LEAD}),
        (RECRUITING, {OWNER, RECRUITER}),
        (OWNERS, {OWNER}),
    ):
        parts = words.split()
        for method, route in itertools.pairwise(parts):
            if method in METHODS and route.startswith("/"):
                table[method, route] = roles
    return table


def served(world: World) -> set[tuple[str, str]]:
    """Every method and route that somebody of a company may call."""
    found = set()
    for rule in world.app.url_map.iter_rules():
        view: Any = world.app.view_functions[rule.endpoint]
        if set(ROLES) & set(getattr(view, "allowed_roles", ())):
            found |= {(method, rule.rule) for method in (rule.methods or set()) & set(METHODS)}
    return found


def test_every_route_of_the_company_is_written_down(world: World) -> None:
    assert served(world) == set(written())


@pytest.mark.parametrize("role", ROLES)
def test_a_role_is_let_through_where_it_is_written_and_nowhere_else(world: World, role: str) -> None:
    """Not to what is behind: the things of the path do not exist. A refusal by role comes before everything else."""
    headers, wrong = world.staff(world.acme, role), []
    rules = {rule.rule: rule for rule in world.app.url_map.iter_rules()}
    for (method, route), roles in sorted(written().items()):
        if route in {"/api/v1/sessions", "/hr/sign-out"}:
            continue  # it would end the walk
        rule = rules[route]
        values = {name: PARAMETERS[name] for name in rule.arguments}
        path = route
        for name, value in values.items():
            path = path.replace(f"<{name}>", value)
        body = None if method == "GET" else BODIES.get(rule.endpoint, {})
        answer = world.client.open(path, method=method, json=body, headers=headers)
        problem = answer.get_json(silent=True) or {}
        by_role = problem.get("code") == "role_not_allowed" or (
            route.startswith("/hr/") and answer.status_code == 403
        )
        if by_role != (role not in roles):
            wrong.append(f"{method} {route}: {answer.status_code} {problem.get('code')}")
    assert wrong == []

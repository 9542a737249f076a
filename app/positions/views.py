"""Routes of positions."""

from __future__ import annotations

from dataclasses import asdict

from apiflask import APIBlueprint

from app.http.actors import actor
from app.http.callers import STAFF, allow, viewer
from app.http.idempotency import idempotent
from app.http.pagination import PageQuery, fetch_page
from app.positions import members, queries, service
from app.positions.models import Position
from app.positions.schemas import (
    AccessIn,
    MemberOut,
    MembersOut,
    PositionIn,
    PositionOut,
    PositionPage,
    RubricIn,
)
from app.positions.visibility import visible_positions
from app.scoring.rubric import Rubric

blueprint = APIBlueprint("positions", __name__, url_prefix="/api/v1/positions", tag="Positions")


@blueprint.post("")
@allow("owner", "recruiter")
@idempotent
@blueprint.input(PositionIn)
@blueprint.output(PositionOut, status_code=201)
def create_position(json_data: PositionIn) -> PositionOut:
    """Open a position with a weighted competency model and questions."""
    position = service.create_position(
        actor(), title=json_data.title, description=json_data.description, rubric=json_data.rubric
    )
    return _shown(position)


@blueprint.get("")
@allow(*STAFF)
@blueprint.input(PageQuery, location="query")
@blueprint.output(PositionPage)
def list_positions(query_data: PageQuery) -> PositionPage:
    """The positions I may see, newest first."""
    mine = queries.positions().where(visible_positions(viewer(), Position.id))
    rows, cursor = fetch_page(mine, Position.id, query_data)
    return PositionPage(items=[_shown(row) for row in rows], next_cursor=cursor)


@blueprint.get("/<position_id>")
@allow(*STAFF)
@blueprint.output(PositionOut)
def get_position(position_id: str) -> PositionOut:
    """One position with its present rubric."""
    return _shown(queries.get_position(position_id))


@blueprint.put("/<position_id>/rubric")
@allow("owner", "recruiter")
@blueprint.input(RubricIn)
@blueprint.output(PositionOut)
def revise_rubric(position_id: str, json_data: RubricIn) -> PositionOut:
    """Make the next version of the rubric; interviews already started keep theirs."""
    return _shown(service.revise_rubric(actor(), position_id, json_data.rubric))


@blueprint.get("/<position_id>/members")
@allow(*STAFF)
@blueprint.output(MembersOut)
def list_members(position_id: str) -> MembersOut:
    """Who sees the position beside the owners; the whole list."""
    return _with_members(queries.get_position(position_id))


@blueprint.put("/<position_id>/members/<user_id>")
@allow("owner", "recruiter")
@blueprint.output(MembersOut)
def add_member(position_id: str, user_id: str) -> MembersOut:
    """Let a colleague see the position, its interviews and candidates."""
    members.add_member(actor(), position_id, user_id)
    return _with_members(queries.get_position(position_id))


@blueprint.delete("/<position_id>/members/<user_id>")
@allow("owner", "recruiter")
@blueprint.output(MembersOut)
def remove_member(position_id: str, user_id: str) -> MembersOut:
    """Take the position out of a colleague's sight, from their next request on."""
    members.remove_member(actor(), position_id, user_id)
    return _with_members(queries.get_position(position_id))


@blueprint.put("/<position_id>/access")
@allow("owner", "recruiter")
@blueprint.input(AccessIn)
@blueprint.output(MembersOut)
def set_access(position_id: str, json_data: AccessIn) -> MembersOut:
    """Show the position to its members and owners only, or to every recruiter."""
    return _with_members(members.restrict(actor(), position_id, json_data.restricted))


def _with_members(position: Position) -> MembersOut:
    return MembersOut(
        position_id=position.id,
        restricted=position.restricted,
        members=[MemberOut.model_validate(asdict(one)) for one in members.members_of(position.id)],
    )


def _shown(position: Position) -> PositionOut:
    version = service.version_of(position)
    return PositionOut(
        id=position.id,
        title=position.title,
        description=position.description,
        status=position.status,
        restricted=position.restricted,
        version=version.number,
        rubric=Rubric.model_validate(version.rubric),
        rubric_hash=version.rubric_hash,
        created_at=position.created_at,
    )

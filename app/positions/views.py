"""Routes of positions."""

from __future__ import annotations

from apiflask import APIBlueprint

from app.http.actors import actor
from app.http.callers import STAFF, allow
from app.http.idempotency import idempotent
from app.http.pagination import PageQuery, fetch_page
from app.positions import queries, service
from app.positions.models import Position
from app.positions.schemas import PositionIn, PositionOut, PositionPage, RubricIn
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
    """Positions, newest first."""
    rows, cursor = fetch_page(queries.positions(), Position.id, query_data)
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


def _shown(position: Position) -> PositionOut:
    version = service.version_of(position)
    return PositionOut(
        id=position.id,
        title=position.title,
        description=position.description,
        status=position.status,
        version=version.number,
        rubric=Rubric.model_validate(version.rubric),
        rubric_hash=version.rubric_hash,
        created_at=position.created_at,
    )

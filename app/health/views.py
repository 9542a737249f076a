"""The health of the platform, for load balancers and the supervisor."""

from __future__ import annotations

from apiflask import APIBlueprint
from flask import current_app
from pydantic import BaseModel

from app.health.notices import notices
from app.health.service import database_answers, examine
from app.http.callers import allow
from app.http.problems import language

blueprint = APIBlueprint("health", __name__, tag="Operations")


class HealthOut(BaseModel):
    """``ok`` is true when everything needed answers; ``processes`` counts those seen in the last 30 s by role.

    ``problems`` says why a role cannot be served where that is known: ``model_unavailable``, its log says what to do.
    ``notices`` says in words, in the caller's language, which models this installation has and lacks.
    """

    ok: bool
    database: bool
    valkey: bool
    processes: dict[str, int]
    problems: dict[str, str]
    sample_models_active: bool
    notices: list[str]


class ReadyOut(BaseModel):
    """Whether requests can be served."""

    ready: bool


@blueprint.get("/api/v1/health")
@allow("public")
@blueprint.output(HealthOut)
def get_health() -> tuple[HealthOut, int]:
    """Whether the platform works: 200, or 503 with what is missing."""
    valkey = current_app.extensions["valkey"]
    found = HealthOut(**examine(valkey), notices=notices(valkey, language()))
    return found, 200 if found.ok else 503


@blueprint.get("/api/v1/health/ready")
@allow("public")
@blueprint.output(ReadyOut)
def get_readiness() -> tuple[ReadyOut, int]:
    """Whether this web server can answer requests, whatever the workers do: 200, or 503 without the database."""
    ready = ReadyOut(ready=database_answers())
    return ready, 200 if ready.ready else 503

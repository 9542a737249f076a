"""Which processes are alive: each one leaves a mark in Valkey every few seconds (T9)."""

from __future__ import annotations

import os
import socket
from typing import Any

from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from app.core.clock import utcnow
from app.core.context import settings
from app.core.database import db
from config import QUEUES
from tenants.models import Tenant
from tenants.tenancy import control_scope

SCHEDULER = "scheduler"
ROLES = (*(f"worker:{queue}" for queue in QUEUES), SCHEDULER)
SEEN_SECONDS = 30
_KEY = "weimian:alive:"
_PROBLEM_KEY = "weimian:problem:"
_PROBLEM_SECONDS = 3600


def process_name() -> str:
    """This process among all of all machines."""
    return f"{socket.gethostname()}.{os.getpid()}"


def mark_alive(valkey: Redis, role: str) -> None:
    """Say that this process serves ``role`` now, and forget who has been silent. RedisError."""
    now = utcnow().timestamp()
    pipeline = valkey.pipeline(transaction=False)
    pipeline.zadd(_KEY + role, {process_name(): now})
    pipeline.zremrangebyscore(_KEY + role, "-inf", now - 2 * SEEN_SECONDS)
    pipeline.execute()


def mark_gone(valkey: Redis, role: str) -> None:
    """Say that this process ends. RedisError."""
    valkey.zrem(_KEY + role, process_name())


def note_problem(valkey: Redis, role: str, reason: str | None) -> None:
    """Say in one stable word why ``role`` cannot be served, or with None that nothing hinders it any more. RedisError."""
    if reason is None:
        valkey.delete(_PROBLEM_KEY + role)
    else:
        valkey.set(_PROBLEM_KEY + role, reason, ex=_PROBLEM_SECONDS)


def problems(valkey: Redis) -> dict[str, str]:
    """What processes said about why they cannot serve, by role. RedisError."""
    found = valkey.mget([_PROBLEM_KEY + role for role in ROLES])
    words = [one.decode() if isinstance(one, bytes) else one for one in found]
    return {role: word for role, word in zip(ROLES, words, strict=True) if word}


def alive(valkey: Redis) -> dict[str, int]:
    """How many processes of each role were seen in the last 30 s. RedisError."""
    since = utcnow().timestamp() - SEEN_SECONDS
    pipeline = valkey.pipeline(transaction=False)
    for role in ROLES:
        pipeline.zcount(_KEY + role, since, "+inf")
    return dict(zip(ROLES, pipeline.execute(), strict=True))


def examine(valkey: Redis) -> dict[str, Any]:
    """The health of the whole: ``ok`` only when the database, Valkey and every kind of process answer."""
    counts: dict[str, int] | None
    try:
        counts, hindered = alive(valkey), problems(valkey)
    except RedisError:
        counts, hindered = None, {}
    found = {
        "database": database_answers(),
        "valkey": counts is not None,
        "processes": counts or dict.fromkeys(ROLES, 0),
        "problems": hindered,
        "sample_models_active": settings().sample_models_active,
    }
    found["ok"] = found["database"] and counts is not None and all(counts.values())
    return found


def database_answers() -> bool:
    """Whether the control plane can be read."""
    try:
        with control_scope(read_only=True):
            db.session.execute(select(Tenant.id).limit(1)).first()
    except SQLAlchemyError:
        return False
    return True

"""What the product says of itself before anybody asks: which models serve, and that some are missing."""

from __future__ import annotations

from redis import Redis
from redis.exceptions import RedisError

from app.core.catalogue import text
from app.core.context import settings
from app.health.service import problems

MODELS_MISSING = "model_unavailable"


def notices(valkey: Redis, language: str) -> list[str]:
    """Words about the models of this installation: sample models in use, models not ready. Empty when all is well."""
    found = []
    if settings().sample_models_active:
        found.append(text(language, "analysis.sample_model_notice"))
    if models_are_missing(valkey):
        found.append(text(language, "analysis.models_missing_notice"))
    return found


def models_are_missing(valkey: Redis) -> bool:
    """Whether an analysis worker said that it has no models. Without Valkey nobody knows."""
    try:
        return problems(valkey).get("worker:analysis") == MODELS_MISSING
    except RedisError:
        return False

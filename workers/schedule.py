"""What happens by the clock: a declarative list of ticks.

Ticks only start things that claim their work in the database, so any number of scheduler processes may run.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import structlog
from apscheduler.schedulers.background import BackgroundScheduler
from flask import Flask
from redis import Redis
from redis.exceptions import RedisError

from app.health.service import SCHEDULER, mark_alive, mark_gone
from config import Settings
from workers import relay, tidying

ALIVE_SECONDS = 5.0
log = structlog.get_logger("schedule")


@dataclass(frozen=True)
class Tick:
    """Something done every ``seconds``; one that is late is done once, and never beside itself."""

    name: str
    seconds: Callable[[Settings], float]
    act: Callable[[Redis], object]


TICKS = (
    Tick("relay", lambda settings: settings.relay_interval_seconds, relay.tick),
    Tick("tidy", lambda _settings: tidying.EVERY_SECONDS, tidying.tick),
    Tick("alive", lambda _settings: ALIVE_SECONDS, lambda valkey: mark_alive(valkey, SCHEDULER)),
)


@contextlib.contextmanager
def ticking(application: Flask) -> Iterator[None]:
    """Run every tick for the time of the block."""
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    settings: Settings = application.extensions["settings"]
    scheduler = BackgroundScheduler(timezone=UTC)
    for tick in TICKS:
        scheduler.add_job(
            _run,
            "interval",
            (application, tick),
            id=tick.name,
            seconds=tick.seconds(settings),
            next_run_time=datetime.now(UTC),
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,
        )
    scheduler.start()
    try:
        yield
    finally:
        scheduler.shutdown(wait=True)
        with contextlib.suppress(RedisError):
            mark_gone(application.extensions["valkey"], SCHEDULER)


def _run(application: Flask, tick: Tick) -> None:
    """One tick; trouble is logged and the next tick tries again."""
    with application.app_context():
        try:
            tick.act(application.extensions["valkey"])
        except RedisError as error:
            log.warning("valkey_away", tick=tick.name, problem=type(error).__name__)
        except Exception:
            log.exception("tick_failed", tick=tick.name)

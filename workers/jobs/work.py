"""How every job runs: claim, heartbeat, perform, finish or postpone.

A job is at-least-once: it may start again after a crash at any point, so it records its result conditionally. The
claim makes two workers on one piece of work impossible while both live; should one lose its claim (it was asleep
longer than the lease), its result is refused by ``HeldWork.finish``.
"""

from __future__ import annotations

import contextlib
import random
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import wraps

import structlog
from flask import Flask, current_app

from app.core.clock import utcnow
from app.core.context import settings
from app.core.database import Scope, db, is_scope_open
from app.core.errors import Forbidden, OutsideError, PermanentError, RateLimited, RetryableError
from app.core.work import (
    CONTROL,
    KINDS,
    LostClaim,
    attempts_of,
    claim_work,
    extend_work,
    finish_work,
    postpone_work,
)
from tenants.tenancy import control_scope, tenant_scope

_BEATS_PER_LEASE = 4  # a lease outlasts three missed beats
_FIRST_WAIT_SECONDS = 5.0
_LONGEST_WAIT_SECONDS = 15 * 60.0
log = structlog.get_logger("work")


@dataclass
class HeldWork:
    """The work this worker holds. ``attempt`` counts claims from 1."""

    kind: str
    tenant_id: str
    entity_id: str
    attempt: int
    holder: str
    settled: bool = field(default=False, init=False)

    def scope(self, *, read_only: bool = False) -> AbstractContextManager[Scope]:
        """A fresh scope of this work's tenant (or of the control plane); commit in it what should last."""
        return work_scope(self.tenant_id, read_only=read_only)

    def finish(self) -> None:
        """Done: call it in the transaction that records the result. Raises LostClaim, so that it is rolled back."""
        with self._joined():
            finish_work(self.kind, self.entity_id, self.holder)
        self.settled = True

    def postpone(self, seconds: float, reason: str, *, counts: bool = True) -> None:
        """Not now: give it back until ``seconds`` from now, in the open transaction or in one of its own.

        With ``counts=False`` this attempt is not counted. Raises LostClaim.
        """
        due_at = utcnow() + timedelta(seconds=seconds)
        with self._joined():
            postpone_work(self.kind, self.entity_id, self.holder, due_at, reason, counts=counts)
        self.settled = True

    @contextlib.contextmanager
    def _joined(self) -> Iterator[None]:
        if is_scope_open():
            yield
            return
        with self.scope():
            yield
            db.session.commit()


Body = Callable[[HeldWork], None]
GiveUp = Callable[[HeldWork, str], None]
Job = Callable[[str, str], None]


def work_scope(tenant_id: str, *, read_only: bool = False) -> AbstractContextManager[Scope]:
    """The scope of a work list entry: a tenant's, or the control plane's for ``control``."""
    if tenant_id == CONTROL:
        return control_scope(read_only=read_only)
    return tenant_scope(tenant_id, read_only=read_only)


def performs(kind: str, *, give_up: GiveUp | None = None) -> Callable[[Body], Job]:
    """Make a function the job of a kind of work: an RQ callable ``(tenant_id, entity_id)``.

    The function gets the ``HeldWork``. Returning finishes it, unless it finished or postponed itself. RetryableError
    postpones it with a growing, jittered wait; a PermanentError, or too many attempts, calls ``give_up(work, reason)``,
    which records the failure where people see it; any other exception is logged, postponed and raised again.
    ValueError when the work list names another path for this kind.
    """

    def decorate(body: Body) -> Job:
        path = f"{body.__module__}.{body.__name__}"
        if KINDS[kind].job != path:
            raise ValueError(f"{kind} is performed by {KINDS[kind].job}, not {path}")

        @wraps(body)
        def job(tenant_id: str, entity_id: str) -> None:
            work = _claim(kind, tenant_id, entity_id)
            if work is None:
                return
            with structlog.contextvars.bound_contextvars(kind=kind, tenant=tenant_id, entity=entity_id):
                _perform(work, body, give_up)

        return job

    return decorate


def lease() -> timedelta:
    """How long a claim lasts without a heartbeat."""
    return timedelta(seconds=settings().work_lease_seconds)


def wait_seconds(attempt: int) -> float:
    """The wait after the ``attempt``-th failure: doubling from 5 s to 15 min, less up to a quarter by chance."""
    longest = min(_FIRST_WAIT_SECONDS * 2 ** (attempt - 1), _LONGEST_WAIT_SECONDS)
    return longest * random.uniform(0.75, 1.0)  # noqa: S311


def _claim(kind: str, tenant_id: str, entity_id: str) -> HeldWork | None:
    """Hold the work, or None when it is gone, not due, held by another, or its tenant is not active."""
    try:
        with work_scope(tenant_id):
            holder = claim_work(kind, entity_id, lease())
            if holder is None:
                return None
            attempt = attempts_of(kind, entity_id)
            db.session.commit()
    except Forbidden:
        log.info("tenant_inactive", kind=kind, tenant=tenant_id)  # the relay puts its work off
        return None
    return HeldWork(kind, tenant_id, entity_id, attempt, holder)


def _perform(work: HeldWork, body: Body, give_up: GiveUp | None) -> None:
    with _heartbeat(work):
        try:
            if work.attempt > KINDS[work.kind].max_attempts:  # its worker died every time
                _give_up(work, give_up, "worker_died")
                return
            body(work)
            if not work.settled:
                work.finish()
        except LostClaim:
            log.warning("claim_lost")
        except OutsideError as error:
            _refused(work, give_up, error)
        except Exception as error:
            log.exception("job_failed", attempt=work.attempt)
            _postpone_or_give_up(work, give_up, type(error).__name__, wait_seconds(work.attempt))
            raise


def _refused(work: HeldWork, give_up: GiveUp | None, error: OutsideError) -> None:
    log.warning("job_refused", attempt=work.attempt, reason=error.reason, detail=error.detail)
    if isinstance(error, PermanentError):
        _give_up(work, give_up, error.reason)
    elif isinstance(error, RateLimited):  # a quota says nothing about this piece of work
        _quietly(lambda: work.postpone(error.after_seconds, error.reason, counts=False))
    else:
        least = error.after_seconds if isinstance(error, RetryableError) else 0.0
        _postpone_or_give_up(work, give_up, error.reason, max(least, wait_seconds(work.attempt)))


def _postpone_or_give_up(work: HeldWork, give_up: GiveUp | None, reason: str, seconds: float) -> None:
    if work.attempt >= KINDS[work.kind].max_attempts:
        _give_up(work, give_up, reason)
    else:
        _quietly(lambda: work.postpone(seconds, reason))


def _give_up(work: HeldWork, give_up: GiveUp | None, reason: str) -> None:
    """Record the failure where a person sees it; should even that fail, try again later."""
    log.error("given_up", attempt=work.attempt, reason=reason)
    work.settled = False
    try:
        if give_up is not None:
            give_up(work, reason)
        if not work.settled:
            work.finish()
    except LostClaim:
        log.warning("claim_lost")
    except Exception:
        log.exception("give_up_failed")
        _quietly(lambda: work.postpone(_LONGEST_WAIT_SECONDS, reason))


def _quietly(settle: Callable[[], None]) -> None:
    """Settle unless the claim is lost, or the work was recorded as done before the failure."""
    with contextlib.suppress(LostClaim, Forbidden):
        settle()


@contextlib.contextmanager
def _heartbeat(work: HeldWork) -> Iterator[None]:
    """Extend the lease from a thread of its own, so that a long native call does not end it."""
    done = threading.Event()
    application: Flask = current_app._get_current_object()  # type: ignore[attr-defined]

    pause = lease().total_seconds() / _BEATS_PER_LEASE

    def beat() -> None:
        while not done.wait(pause):
            try:
                with application.app_context(), work.scope():
                    held = extend_work(work.kind, work.entity_id, work.holder, lease())
                    db.session.commit()
                if not held:
                    return
            except Exception as error:  # the next beat may succeed; the lease outlasts three missed ones
                log.warning("heartbeat_failed", problem=type(error).__name__)

    thread = threading.Thread(target=beat, name="heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()

"""The one module that knows RQ: offering work to a queue, and the worker that serves one queue.

What lies in Valkey is a hint; the truth is the work list in the database (``app.core.work``). A job names only
(tenant id, entity id), so a queue that was lost, or a job that ran twice, does no harm.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from redis import Redis
from rq import Queue, SimpleWorker
from rq.serializers import JSONSerializer

from app.core.work import KINDS

# How long one run may take before RQ interrupts it. The lease is extended for as long as the run lives, so this is
# what ends a run that hangs.
RUN_SECONDS = {"delivery": 120, "callbacks": 120, "maintenance": 300, "analysis": 1800, "renditions": 5400}
_KEPT_FAILURE_SECONDS = 3600


@dataclass(frozen=True)
class Offer:
    """One piece of work to put on its queue. ``number`` tells the offers of one subject apart."""

    kind: str
    tenant_id: str
    entity_id: str
    number: int

    @property
    def job_id(self) -> str:
        """The job's id in RQ."""
        return f"{self.kind}-{self.tenant_id}-{self.entity_id}-{self.number}"

    @property
    def queue(self) -> str:
        """The queue that serves this kind."""
        return KINDS[self.kind].queue


class WarmWorker(SimpleWorker):
    """A worker that keeps its process, and so its models and connections, from job to job."""

    max_connection_wait_time = 2.0  # Valkey is a neighbour: look again soon after it was away


def offer(valkey: Redis, offers: Sequence[Offer]) -> int:
    """Put work on its queues, except what still waits there. Returns how many were put. RedisError."""
    by_queue: defaultdict[str, list[Offer]] = defaultdict(list)
    for one in offers:
        by_queue[one.queue].append(one)
    count = 0
    for name, asked in by_queue.items():
        waiting = _waiting(valkey, name, asked)
        fresh = [one for one in asked if one.job_id not in waiting]
        _queue(valkey, name).enqueue_many(
            Queue.prepare_data(
                KINDS[one.kind].job,
                args=(one.tenant_id, one.entity_id),
                job_id=one.job_id,
                timeout=RUN_SECONDS[name],
                result_ttl=0,
                failure_ttl=_KEPT_FAILURE_SECONDS,
                description=one.job_id,
            )
            for one in fresh
        )
        count += len(fresh)
    return count


def waiting_jobs(valkey: Redis, queue: str) -> list[str]:
    """The ids of the jobs that wait on a queue, the next one first."""
    return list(_queue(valkey, queue).get_job_ids())


def make_worker(valkey: Redis, queue: str, name: str) -> WarmWorker:
    """A worker on exactly one queue: waiting on several at once can lose the job just taken.

    ``valkey`` must not have connected before: RQ sets how long its connections wait, and one that is open already
    would give up on an idle queue after seconds and end the worker.
    """
    logging.getLogger("rq.worker").setLevel(logging.WARNING)
    return WarmWorker(
        [_queue(valkey, queue)],
        name=name,
        connection=valkey,
        serializer=JSONSerializer,
    )


def run_worker(worker: WarmWorker, *, max_jobs: int | None = None, burst: bool = False) -> None:
    """Serve until SIGTERM (the job at hand is finished first), ``max_jobs``, or with ``burst`` an empty queue."""
    worker.work(max_jobs=max_jobs, burst=burst, logging_level="WARNING")


def _queue(valkey: Redis, name: str) -> Queue:
    return Queue(name, connection=valkey, serializer=JSONSerializer)


def _waiting(valkey: Redis, name: str, offers: Sequence[Offer]) -> set[str]:
    """Those of ``offers`` whose job is in the list itself: a job's own status may outlive the list."""
    pipeline = valkey.pipeline(transaction=False)
    for one in offers:
        pipeline.lpos(_queue(valkey, name).key, one.job_id)
    return {one.job_id for one, place in zip(offers, pipeline.execute(), strict=True) if place is not None}

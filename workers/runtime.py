"""One worker process on one queue: ``python -m workers.runtime <queue>``.

It keeps the application, its connections and, on the analysis queue, the loaded models from job to job. SIGTERM ends it
after the job at hand; after ``MAX_JOBS`` it ends by itself and its supervisor starts a fresh one. Missing models stop
nobody else: the analysis worker logs what to do, tells the health route, and looks again until they are there.
"""

from __future__ import annotations

import argparse
import contextlib
import threading
import time
from collections.abc import Iterator

import structlog
from flask import Flask
from redis import Redis
from redis.exceptions import RedisError

from app.core.catalogue import text
from app.core.errors import PermanentError
from app.core.ids import new_id
from app.factory import connect_valkey, create_app
from app.health.service import mark_alive, mark_gone, note_problem
from config import QUEUES
from workers.queues import make_worker, run_worker

MAX_JOBS = {"analysis": 500}  # native libraries lose a little memory with every recording
_MAX_JOBS = 20_000
_ALIVE_SECONDS = 5.0
_MODELS_AGAIN_SECONDS = (2.0, 60.0)  # the first pause, which doubles, and the longest
log = structlog.get_logger("runtime")


def serve(application: Flask, queue: str, *, max_jobs: int | None = None, burst: bool = False) -> None:
    """Perform the jobs of one queue until told to stop."""
    with application.app_context():
        if queue == "analysis":
            _warm_up(application)
        # A client of its own: it waits minutes for a job, where everybody else gives up within seconds.
        waiting = connect_valkey(application.extensions["settings"].valkey_url)
        worker = make_worker(waiting, queue, f"{queue}-{new_id()}")
        with _alive(application, f"worker:{queue}"):
            if queue == "analysis" and application.extensions["settings"].sample_models_active:
                log.warning("sample_models_serve", meaning=text("en", "analysis.sample_model_notice"))
            log.info("worker_ready", queue=queue)
            run_worker(worker, max_jobs=max_jobs or MAX_JOBS.get(queue, _MAX_JOBS), burst=burst)


def _warm_up(application: Flask) -> None:
    """Load the models before the first job, not during it; without them wait for a person, never take others."""
    from workers.analysis.analyser import build_analyser

    settings, valkey = application.extensions["settings"], application.extensions["valkey"]
    analyser = build_analyser(settings)
    names = (settings.vad_model, settings.speech_model, settings.punc_model)
    pause, longest = _MODELS_AGAIN_SECONDS
    while True:
        log.info("loading_models", models=names, cache=str(settings.model_cache))
        try:
            analyser.warm_up()
        except PermanentError as problem:
            log.error("models_missing", what_to_do=problem.detail, looking_again_seconds=pause)
            _tell_health(valkey, problem.reason)
            time.sleep(pause)
            pause = min(2 * pause, longest)
        else:
            break
    _tell_health(valkey, None)
    application.extensions["analyser"] = analyser


def _tell_health(valkey: Redis, reason: str | None) -> None:
    with contextlib.suppress(RedisError):
        note_problem(valkey, "worker:analysis", reason)


@contextlib.contextmanager
def _alive(application: Flask, role: str) -> Iterator[None]:
    """Say every few seconds, from a thread of its own, that this process lives."""
    valkey, done = application.extensions["valkey"], threading.Event()

    def say() -> None:
        while True:
            with contextlib.suppress(RedisError):
                mark_alive(valkey, role)
            if done.wait(_ALIVE_SECONDS):
                return

    thread = threading.Thread(target=say, name="alive", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
        with contextlib.suppress(RedisError):
            mark_gone(valkey, role)


def main() -> None:
    """Parse the command line and serve."""
    parser = argparse.ArgumentParser(prog="python -m workers.runtime", description="Serve one queue")
    parser.add_argument("queue", choices=QUEUES)
    serve(create_app(), parser.parse_args().queue)


if __name__ == "__main__":
    main()

"""Celery over Redis, with its defaults: the common part of the two peers that use it.

Tasks are acknowledged before they run (acks_late is off), and results are not kept. The pool is the default
one of processes (prefork), two of them.
"""

from functools import cache
from typing import Any

from celery import Celery
from sqlalchemy import Engine

from benchmarks.peers.application import make_engine

_CONCURRENCY = 2
_PING_SECONDS = 1.0

#: A worker's processes are forked before the first task, so each has connections of its own.
find_engine = cache(make_engine)


def make_celery(database_url: str, broker_url: str) -> Any:
    """Make the application for the tasks of `shared_task`, in all threads of this process."""
    celery = Celery("peers", broker=broker_url)
    celery.conf.database_url = database_url
    celery.set_default()
    return celery


def engine_of(task: Any) -> Engine:
    """Return the engine for a running task."""
    return find_engine(task.app.conf.database_url)


def run_worker(database_url: str, broker_url: str) -> None:
    """Run a worker until SIGTERM."""
    make_celery(database_url, broker_url).worker_main(
        ["--quiet", "worker", "--loglevel=WARNING", f"--concurrency={_CONCURRENCY}"]
    )


def workers_respond(_database_url: str, broker_url: str) -> bool:
    """Return whether a worker takes the messages of this broker."""
    with Celery("peers", broker=broker_url, set_as_current=False) as celery:
        return bool(celery.control.ping(timeout=_PING_SECONDS, limit=1))

"""The relay function: runs one tick for each invocation by the schedule.

Composed at the first invocation: importing this module reads no environment and opens no connection.
"""

import time
from collections.abc import Callable
from dataclasses import asdict
from functools import cache
from typing import Any

from convoke.database.access import make_function_engine
from convoke.database.engine import report_connects
from convoke.database.sqlstates import sqlstate
from convoke.observability import (
    EphemeralMetrics,
    Logger,
    MetricUnit,
    flush_metrics,
    make_logger,
    make_metrics,
)
from convoke.queues import make_logging_queue
from convoke.settings import read_settings
from sqlalchemy import Engine

from convoke_relay.handovers import continue_handovers
from convoke_relay.retention import Removed, Retention, remove_expired
from convoke_relay.settings import RelaySettings
from convoke_relay.steps import Steps, take_steps
from convoke_relay.sweep import Limits, Queue, Sweep, sweep

SERVICE = "outbox-relay"

#: The longest time for steps of erasures and read marks, and the rest of the function's time to keep.
_STEPS_SECONDS = 20.0
_RESERVE_SECONDS = 25.0

type Handler = Callable[[Any, Any], dict[str, Any]]


def handler(event: Any, context: Any) -> dict[str, Any]:
    """Run one tick and return its report. Raises when the database is unavailable."""
    return _compose()(event, context)


@cache
def _compose() -> Handler:
    settings = read_settings(RelaySettings)
    engine = make_function_engine(settings, application_name="convoke-relay")
    return make_handler(settings, engine, make_logging_queue(settings.queue_url, make_logger(SERVICE)))


def make_handler(settings: RelaySettings, engine: Engine, queue: Queue) -> Handler:
    """Make the handler on the given database and queue; one for each execution environment."""
    logger = make_logger(SERVICE)
    metrics = make_metrics(SERVICE, settings.stage)
    report_connects(engine, lambda took: metrics.add_metric("DbConnectMs", MetricUnit.Milliseconds, took))
    limits = Limits(
        send_limit=settings.relay_send_limit,
        tick_seconds=settings.relay_tick_seconds,
        first_retry_seconds=settings.first_retry_seconds,
    )
    retention = Retention(
        outbox_days=settings.outbox_retention_days, notification_days=settings.notification_retention_days
    )

    @logger.inject_lambda_context
    def handle(_event: Any, context: Any) -> dict[str, Any]:
        try:
            result = sweep(
                engine,
                queue,
                limits,
                remaining_seconds=lambda: context.get_remaining_time_in_millis() / 1000,
            )
            _count(metrics, result)
        finally:
            flush_metrics(metrics)
        handovers = _hand_over(engine, context, logger)
        # Last: pending rows are sent and counted before expired rows are removed.
        removed = _remove(engine, retention, logger)
        steps = _take_steps(engine, settings, logger, context)
        report = {
            **asdict(result),
            "handovers": handovers,
            "removed": asdict(removed),
            "steps": asdict(steps),
        }
        (logger.warning if result.unsent else logger.info)("tick", extra=report)
        return report

    return handle


def _hand_over(engine: Engine, context: Any, logger: Logger) -> int:
    # The next tick continues; the messages that this tick has sent are sent.
    try:
        return continue_handovers(
            engine, remaining_seconds=lambda: context.get_remaining_time_in_millis() / 1000
        )
    except Exception as error:  # noqa: BLE001 - as said
        logger.error(
            "handing over addresses failed, continuing at next tick",
            extra={"error": type(error).__name__, "sqlstate": sqlstate(error)},
        )
        return 0


def _remove(engine: Engine, retention: Retention, logger: Logger) -> Removed:
    # The next tick tries again; the messages that this tick has sent are sent.
    try:
        return remove_expired(engine, retention)
    except Exception as error:  # noqa: BLE001 - as said
        logger.error(
            "removing expired rows failed, retrying at next tick",
            extra={"error": type(error).__name__, "sqlstate": sqlstate(error)},
        )
        return Removed()


def _take_steps(engine: Engine, settings: RelaySettings, logger: Logger, context: Any) -> Steps:
    # A failed step is tried again when its lease ends; the tick counts all the same.
    ends_at = time.monotonic() + _STEPS_SECONDS

    def has_time() -> bool:
        remaining = context.get_remaining_time_in_millis() / 1000
        return time.monotonic() < ends_at and bool(remaining > _RESERVE_SECONDS)

    try:
        return take_steps(engine, recipients_per_row=settings.recipients_per_row, has_time=has_time)
    except Exception as error:  # noqa: BLE001 - as said
        logger.error(
            "a step of an erasure or of a read mark failed, retrying in 20 minutes",
            extra={"error": type(error).__name__, "sqlstate": sqlstate(error)},
        )
        return Steps()


def _count(metrics: EphemeralMetrics, result: Sweep) -> None:
    # RelayRuns is the heartbeat: it counts ticks that read the outbox; without the database nothing is sent.
    metrics.add_metric("RelayRuns", MetricUnit.Count, 1)
    metrics.add_metric("RelaySent", MetricUnit.Count, result.sent)
    metrics.add_metric("OutboxPending", MetricUnit.Count, result.backlog.pending)
    metrics.add_metric("OutboxOldestAgeSeconds", MetricUnit.Seconds, result.backlog.oldest_age_seconds)
    metrics.add_metric("OutboxFailed", MetricUnit.Count, result.backlog.failed)

"""How many statements a batch takes: a constant, whatever the number of people."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from convoke.database.engine import make_engine
from convoke_worker.handler import make_handler
from convoke_worker.settings import WorkerSettings
from integration.worker.stage import (
    LambdaContext,
    RecordingQueue,
    add_row,
    add_users,
    count_notifications,
    failed_ids,
    sqs_event,
)
from sqlalchemy import Engine, event


@contextmanager
def _counted(engine: Engine) -> Iterator[list[str]]:
    statements: list[str] = []

    def count(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    event.listen(engine, "before_cursor_execute", count)
    yield statements
    event.remove(engine, "before_cursor_execute", count)


@pytest.mark.parametrize("met_before", [False, True])
def test_ten_thousand_recipients_take_no_more_statements_than_ten(
    engine: Engine, database_url: str, met_before: bool
) -> None:
    spoken = {"locale": "en", "time_zone": "Europe/Berlin"}
    counts = []
    for size in (1, 1_000):
        worker_engine = make_engine(database_url, timeout_seconds=20, application_name="worker")
        handler = make_handler(WorkerSettings(database_url=""), worker_engine, RecordingQueue())
        if met_before:
            handler(sqs_event(add_row(engine, add_users(engine, **spoken))), LambdaContext())
        before = count_notifications(engine)
        rows = [add_row(engine, add_users(engine, size, **spoken)) for _ in range(10)]
        with _counted(worker_engine) as statements:
            assert failed_ids(handler(sqs_event(*rows), LambdaContext())) == []
        worker_engine.dispose()
        assert count_notifications(engine) - before == 10 * size
        counts.append(len(statements))
    assert counts == ([2, 2] if met_before else [3, 3])


def test_many_locales_and_zones_at_once_take_no_more_than_three_statements(
    engine: Engine, database_url: str
) -> None:
    worker_engine = make_engine(database_url, timeout_seconds=20, application_name="worker")
    handler = make_handler(WorkerSettings(database_url=""), worker_engine, RecordingQueue())
    zones = ["Europe/Berlin", "Asia/Tokyo", "America/New_York", "no/zone", "", "Asia/Kathmandu"]
    locales = ["ru", "en", "en-GB", "de", "", "ru_RU", "zh-Hant-TW"]
    users = [
        user
        for zone in zones
        for locale in locales
        for user in add_users(engine, locale=locale, time_zone=zone)
    ]
    for _ in range(2):
        rows = [add_row(engine, users) for _ in range(3)]
        with _counted(worker_engine) as statements:
            assert failed_ids(handler(sqs_event(*rows), LambdaContext())) == []
        assert len(statements) <= 3
    worker_engine.dispose()
    assert count_notifications(engine) == 2 * 3 * len(users)

"""The real handler over a database of the fuzz's own."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from convoke.database.engine import make_engine
from convoke.database.transactions import autocommit
from convoke.observability import make_logger, make_metrics
from convoke_api.invocation import make_handler
from convoke_api.services import Services
from convoke_api.settings import ApiSettings
from integration.api.client import RecordingQueue, current_loop
from integration.fuzz.world import World
from sqlalchemy import Engine, make_url
from support.generation import independent_of_the_code

_TIMEOUT_SECONDS = 10


@pytest.fixture(scope="module", autouse=True)
def same_data() -> Iterator[None]:
    """The same cases for one file as for the whole suite."""
    with independent_of_the_code():
        yield


@pytest.fixture(scope="session")
def fuzz_database_url(postgres_url: str, template_database: str) -> str:
    """A database with all migrations applied, for all of the fuzz."""
    engine = make_engine(postgres_url, timeout_seconds=_TIMEOUT_SECONDS, application_name="tests")
    try:
        with autocommit(engine) as connection:
            connection.exec_driver_sql(f"CREATE DATABASE fuzz TEMPLATE {template_database}")
    finally:
        engine.dispose()
    return make_url(postgres_url).set(database="fuzz").render_as_string(hide_password=False)


@pytest.fixture(scope="module")
def world(fuzz_database_url: str) -> Iterator[World]:
    """The handler as it is composed, with a queue that takes everything."""
    settings = ApiSettings(
        database_url=fuzz_database_url,
        stage="test",
        create_quota=1_000_000,
        wave_quota=10**6,
        notification_quota=10**8,
    )
    logger, metrics = make_logger("convoke-api"), make_metrics("convoke-api", "test")
    with _run_engine(fuzz_database_url) as engine, _run_engine(fuzz_database_url) as beside, current_loop():
        yield World(make_handler(Services(engine, RecordingQueue(), settings, logger, metrics)), beside)


@contextmanager
def _run_engine(url: str) -> Iterator[Engine]:
    engine = make_engine(url, timeout_seconds=_TIMEOUT_SECONDS, application_name="tests")
    try:
        yield engine
    finally:
        engine.dispose()

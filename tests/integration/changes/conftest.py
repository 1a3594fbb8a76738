"""Events that change: the API's and the worker's handlers over one real database.

Tests share a database: each has people and events of its own, and no rule reaches across them. A test that
reads whole tables, or fills them, uses `own_world`.
"""

from collections.abc import Iterator
from itertools import count

import pytest
from convoke.database.engine import make_engine
from convoke.database.transactions import autocommit
from convoke_api.settings import ApiSettings
from integration.api.client import Client, current_loop
from integration.changes.world import TIMEOUT_SECONDS, World
from sqlalchemy import make_url

_numbers = count(1)


@pytest.fixture(scope="session")
def changes_database_url(postgres_url: str, template_database: str) -> str:
    """A database with all migrations applied, for all tests of changes."""
    engine = make_engine(postgres_url, timeout_seconds=TIMEOUT_SECONDS, application_name="tests")
    try:
        with autocommit(engine) as connection:
            connection.exec_driver_sql(f"CREATE DATABASE changes TEMPLATE {template_database}")
    finally:
        engine.dispose()
    return make_url(postgres_url).set(database="changes").render_as_string(hide_password=False)


@pytest.fixture(scope="session")
def shared_world(changes_database_url: str) -> Iterator[World]:
    """The API and the worker over the shared database; their connections serve all tests."""
    world = make_world(changes_database_url)
    yield world
    world.close()


@pytest.fixture
def world(shared_world: World) -> Iterator[World]:
    """The API and the worker over the shared database, for people of this test alone."""
    shared_world.domain = f"test-{next(_numbers)}.example.org"
    shared_world.queue.sent.clear()
    shared_world.queue.calls.clear()
    with current_loop():
        yield shared_world
    shared_world.close_others()


@pytest.fixture
def own_world(database_url: str) -> Iterator[World]:
    """The API and the worker over a database that no other test uses."""
    world = make_world(database_url)
    with current_loop():
        yield world
    world.close()


def make_world(url: str) -> World:
    settings = ApiSettings(
        database_url=url, stage="test", create_quota=100_000, wave_quota=10**6, notification_quota=10**8
    )
    with current_loop():
        return World(url, f"test-{next(_numbers)}.example.org", settings)


@pytest.fixture
def anna(world: World) -> Client:
    """The organizer, who reads Russian, in Moscow."""
    return world.person("anna", locale="ru", zoneinfo="Europe/Moscow")


@pytest.fixture
def boris(world: World) -> Client:
    """A guest who reads Russian, in Vladivostok."""
    return world.person("boris", locale="ru-RU", zoneinfo="Asia/Vladivostok")


@pytest.fixture
def carol(world: World) -> Client:
    """A guest who reads English, in New York."""
    return world.person("carol", locale="en_US", zoneinfo="America/New_York")

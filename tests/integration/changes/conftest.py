"""Meetings that change: the API's and the worker's handlers over one real database.

Tests share a database: each has people and meetings of its own, and no rule reaches across them. A test that
reads whole tables, or fills them, asks for `own_world`.
"""

from collections.abc import Callable, Iterator
from itertools import count

import pytest
from convoke.database import autocommit, make_engine
from convoke.settings import Settings
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


@pytest.fixture
def make_world() -> Iterator[Callable[[str], World]]:
    """Makes worlds over a database; their connections are closed after the test."""
    worlds: list[World] = []

    def make(url: str) -> World:
        settings = Settings(database_url=url, stage="test", create_quota=100_000)
        worlds.append(World(url, f"test-{next(_numbers)}.example.org", settings))
        return worlds[-1]

    with current_loop():
        yield make
    for world in worlds:
        for engine in world.engines:
            engine.dispose()


@pytest.fixture
def world(make_world: Callable[[str], World], changes_database_url: str) -> World:
    """The API and the worker over the shared database."""
    return make_world(changes_database_url)


@pytest.fixture
def own_world(make_world: Callable[[str], World], database_url: str) -> World:
    """The API and the worker over a database that no other test uses."""
    return make_world(database_url)


@pytest.fixture
def anna(world: World) -> Client:
    """Who organises; she reads Russian, in Moscow."""
    return world.person("anna", locale="ru", zoneinfo="Europe/Moscow")


@pytest.fixture
def boris(world: World) -> Client:
    """A guest who reads Russian, in Vladivostok."""
    return world.person("boris", locale="ru-RU", zoneinfo="Asia/Vladivostok")


@pytest.fixture
def carol(world: World) -> Client:
    """A guest who reads English, in New York."""
    return world.person("carol", locale="en_US", zoneinfo="America/New_York")

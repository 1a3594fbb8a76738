"""The API's real handler over a real database; the queue records what it was sent.

The tests share one database: each has people of its own, and no rule reaches across people. A test that
needs the tables for itself uses `own_services`.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import count
from threading import Barrier, Lock
from typing import Any
from uuid import UUID, uuid4

import pytest
from convoke.database.engine import make_engine
from convoke.database.transactions import autocommit
from convoke.observability import make_logger, make_metrics
from convoke_api.invocation import Handler, make_handler
from convoke_api.services import Services
from convoke_api.settings import ApiSettings
from integration.api.client import Client, Query, RecordingQueue, current_loop
from sqlalchemy import Engine, RowMapping, make_url, text

_numbers = count(1)
_TIMEOUT_SECONDS = 10


@pytest.fixture(scope="session")
def shared_database_url(postgres_url: str, template_database: str) -> str:
    """A database with all migrations applied, for all tests of the API."""
    name = "api"
    engine = make_engine(postgres_url, timeout_seconds=_TIMEOUT_SECONDS, application_name="tests")
    try:
        with autocommit(engine) as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE {template_database}")
    finally:
        engine.dispose()
    return make_url(postgres_url).set(database=name).render_as_string(hide_password=False)


@pytest.fixture(scope="module")
def make_api_engine(shared_database_url: str) -> Iterator[Callable[[], Engine]]:
    """Makes engines as the function makes its own; they are disposed of after the module's tests."""
    engines: list[Engine] = []

    def make() -> Engine:
        engines.append(
            make_engine(shared_database_url, timeout_seconds=_TIMEOUT_SECONDS, application_name="tests")
        )
        return engines[-1]

    yield make
    for engine in engines:
        engine.dispose()


@pytest.fixture(scope="module")
def api_engine(make_api_engine: Callable[[], Engine]) -> Engine:
    """The one connection of an environment that serves all requests of the module's tests."""
    return make_api_engine()


@pytest.fixture(scope="module")
def query_engine(make_api_engine: Callable[[], Engine]) -> Engine:
    """A connection beside the API's."""
    return make_api_engine()


@pytest.fixture
def queue() -> RecordingQueue:
    return RecordingQueue()


@pytest.fixture
def settings(shared_database_url: str) -> ApiSettings:
    return ApiSettings(
        database_url=shared_database_url,
        stage="test",
        create_quota=1_000,
        wave_quota=10**6,
        notification_quota=10**8,
    )


@pytest.fixture
def services(api_engine: Engine, queue: RecordingQueue, settings: ApiSettings) -> Services:
    logger, metrics = make_logger("convoke-api"), make_metrics("convoke-api", "test")
    return Services(api_engine, queue, settings, logger, metrics)


@pytest.fixture
def own_services(engine: Engine, services: Services) -> Services:
    """Services over a database that no other test uses."""
    return replace(services, engine=engine)


@pytest.fixture(autouse=True)
def event_loop() -> Iterator[None]:
    """The loop on which Mangum runs requests."""
    with current_loop():
        yield


@pytest.fixture
def domain() -> str:
    """Where this test's people have their addresses."""
    return f"test-{next(_numbers)}.example.org"


@pytest.fixture
def make_person(domain: str) -> Callable[..., Client]:
    """Makes people who call a handler: `make_person(handler, "anna")` is verified and named Anna."""

    def make(handler: Handler, name: str, /, **claims: Any) -> Client:
        known = {"sub": f"{name}@{domain}", "email": f"{name}@{domain}", "email_verified": "true"}
        return Client(handler, {**known, "name": name.title(), **claims})

    return make


@pytest.fixture
def handler(services: Services, event_loop: None) -> Handler:
    return make_handler(services)


@pytest.fixture
def person(handler: Handler, make_person: Callable[..., Client]) -> Callable[..., Client]:
    """Makes people who call the test's handler; claims can be given besides the name."""

    def make(name: str, /, **claims: Any) -> Client:
        return make_person(handler, name, **claims)

    return make


@pytest.fixture
def anna(person: Callable[..., Client]) -> Client:
    """Somebody who calls; her user is made by her first call."""
    return person("anna")


@pytest.fixture
def event_body() -> dict[str, Any]:
    """A request that is accepted as it is: half an hour in 2030, nobody invited, no reminder."""
    return {
        "title": "Планёрка",
        "starts_at": "2030-03-01T10:00:00+03:00",
        "ends_at": "2030-03-01T10:30:00+03:00",
        "time_zone": "Europe/Moscow",
        "reminder_minutes": [],
    }


@pytest.fixture
def query(query_engine: Engine) -> Query:
    """Runs SQL beside the API, on a connection of its own; returns the rows, if it returns any."""

    def run(statement: str, **values: Any) -> list[RowMapping]:
        with autocommit(query_engine) as connection:
            result = connection.execute(text(statement), values)
            return list(result.mappings()) if result.returns_rows else []

    return run


@pytest.fixture
def make_users(query: Query, domain: str) -> Callable[[int], list[str]]:
    """Makes so many users who have signed in, named `Person 1` and so on; returns their ids, sorted."""

    def make(number: int) -> list[str]:
        rows = query(
            """
            INSERT INTO users (subject_hash, email, email_key, full_name)
            SELECT :prefix || n, 'person-' || n || :prefix, 'person-' || n || :prefix, 'Person ' || n
            FROM generate_series(1, :number) AS n
            RETURNING id
            """,
            prefix=f"-{uuid4().hex}@{domain}",
            number=number,
        )
        return sorted(str(row["id"]) for row in rows)

    return make


@pytest.fixture
def together(
    make_api_engine: Callable[[], Engine], services: Services
) -> Callable[[Sequence[Callable[[Handler], Any]]], list[Any]]:
    """Runs calls at the same moment, each in a thread with a handler and an engine of its own."""

    def run(calls: Sequence[Callable[[Handler], Any]]) -> list[Any]:
        barrier = Barrier(len(calls))
        engines, building = [make_api_engine() for _ in calls], Lock()

        def run_one(call: Callable[[Handler], Any], engine: Engine) -> Any:
            with current_loop():
                with building:
                    handler = make_handler(replace(services, engine=engine))
                    # FastAPI builds its routes at the first look at them, and silences warnings meanwhile
                    # in a way that is not made for threads.
                    Client(handler, None).get("/nowhere")
                barrier.wait(timeout=_TIMEOUT_SECONDS)
                return call(handler)

        try:
            with ThreadPoolExecutor(len(calls)) as threads:
                return list(threads.map(run_one, calls, engines))
        finally:
            for engine in engines:
                engine.dispose()

    return run


@pytest.fixture
def notify(query: Query) -> Callable[..., list[UUID]]:
    """Puts notifications into an inbox, oldest first; returns their ids in that order."""

    def put(user_id: str, number: int = 1, *, type: str = "event_invited", **columns: Any) -> list[UUID]:
        values = {"actor_id": None, "read_at": None, "written_at": "now", **columns}
        rows = query(
            """
            INSERT INTO notifications
                (user_id, id, event_id, type, title, message, actor_id, created_at, written_at, read_at)
            SELECT :user_id, uuid7_at(at), gen_random_uuid(), :type, 'Title', 'Message ' || n, :actor_id, at,
                   CAST(:written_at AS timestamptz), CAST(:read_at AS timestamptz)
            FROM generate_series(1, :number) AS n,
                 LATERAL (SELECT statement_timestamp() - :number * interval '1 microsecond'
                                 + n * interval '1 microsecond' AS at) AS fact
            RETURNING id
            """,
            user_id=user_id,
            number=number,
            type=type,
            **values,
        )
        return sorted(row["id"] for row in rows)

    return put

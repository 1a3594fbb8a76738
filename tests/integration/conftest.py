"""Real servers for tests: PostgreSQL and SQS, started by the test process and ended with it.

Each pytest-xdist worker has its own, on free loopback ports and in its own folders.
"""

from collections.abc import Iterator
from itertools import count

import pg8000
import pytest
from convoke.database.engine import make_engine
from convoke.database.transactions import transaction
from convoke_local.postgres.server import run_postgres
from convoke_local.sqs.queues import STAND_IN_CREDENTIALS, Queues, create_queues
from convoke_local.sqs.server import run_sqs
from convoke_migrator.migrations import upgrade
from sqlalchemy import Engine, make_url

#: A test that waits this long for a lock waits for ever: it then fails and says where.
_LOCK_TIMEOUT = "10s"

_numbers = count(1)


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A PostgreSQL server without durability. Tests use a database of their own: `database_url`."""
    with run_postgres(tmp_path_factory.mktemp("postgres"), durable=False) as url:
        _execute(url, f"ALTER ROLE CURRENT_USER SET lock_timeout = '{_LOCK_TIMEOUT}'")
        yield url


@pytest.fixture(scope="session")
def template_database(postgres_url: str) -> str:
    """The name of a database with all migrations applied, to be copied."""
    name = "template_migrated"
    _execute(postgres_url, f"CREATE DATABASE {name}")
    engine = make_engine(_with_database(postgres_url, name), timeout_seconds=60, application_name="tests")
    try:
        with transaction(engine) as connection:
            upgrade(connection)
    finally:
        engine.dispose()
    return name


@pytest.fixture
def database_url(postgres_url: str, template_database: str) -> Iterator[str]:
    """An empty database of this test's own, with all migrations applied; dropped afterwards."""
    name = f"test_{next(_numbers)}"
    _execute(postgres_url, f"CREATE DATABASE {name} TEMPLATE {template_database}")
    yield _with_database(postgres_url, name)
    _execute(postgres_url, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """An engine on the test's own database, as the functions make theirs (one connection)."""
    engine = make_engine(database_url, timeout_seconds=10, application_name="tests")
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def sqs_endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The endpoint of a server of the SQS protocol. Tests use queues of their own: `queues`."""
    with run_sqs(tmp_path_factory.mktemp("sqs")) as endpoint_url:
        yield endpoint_url


@pytest.fixture
def aws_environment(sqs_endpoint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Points boto3 at the test's SQS, whatever the developer has configured."""
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    for name, value in STAND_IN_CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_ENDPOINT_URL_SQS", sqs_endpoint)


@pytest.fixture
def queues(sqs_endpoint: str, aws_environment: None) -> Queues:
    """A queue and a dead-letter queue of this test's own: 5 receives, visibility 30 s."""
    return create_queues(sqs_endpoint, f"test-{next(_numbers)}", max_receive_count=5, visibility_seconds=30)


def _with_database(url: str, name: str) -> str:
    return make_url(url).set(database=name).render_as_string(hide_password=False)


def _execute(url: str, statement: str) -> None:
    address = make_url(url)
    connection = pg8000.connect(
        address.username,
        host=address.host,
        port=address.port,
        password=address.password,
        database=address.database,
    )
    try:
        # CREATE DATABASE cannot run in a transaction.
        connection.autocommit = True
        connection.cursor().execute(statement)
    finally:
        connection.close()

"""The proxy before PostgreSQL cuts where it says, by what the server has said."""

from collections.abc import Callable, Iterator

import pytest
from chaos.database_proxy import DatabaseProxy
from chaos.faults import Faults
from convoke.database.engine import make_engine
from convoke.database.sqlstates import is_unavailable
from convoke.database.transactions import autocommit, transaction
from sqlalchemy import Engine, make_url, text

# pg8000 leaves unsent bytes in the buffer of a socket that was cut; Python says so when it is collected.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture
def proxy(database_url: str) -> Iterator[DatabaseProxy]:
    proxy = DatabaseProxy(make_url(database_url).port or 0, Faults({}, seed=1))
    yield proxy
    proxy.close()


@pytest.fixture
def behind(proxy: DatabaseProxy, database_url: str) -> Iterator[Engine]:
    """An engine whose connections go through the proxy; no response takes longer than 3 s."""
    url = make_url(database_url).set(port=proxy.port).render_as_string(hide_password=False)
    engine = make_engine(url, timeout_seconds=1, application_name="behind")
    yield engine
    engine.dispose()


@pytest.fixture
def count(engine: Engine) -> Callable[[], int]:
    """How many rows are committed, seen past the proxy."""
    with autocommit(engine) as connection:
        connection.execute(text("CREATE TABLE numbers (n int)"))

    def look() -> int:
        with autocommit(engine) as connection:
            return int(connection.execute(text("SELECT count(*) FROM numbers")).scalar_one())

    return look


def insert(engine: Engine, *, by_itself: bool = False) -> None:
    with autocommit(engine) if by_itself else transaction(engine) as connection:
        connection.execute(text("INSERT INTO numbers VALUES (1)"))


def fail(engine: Engine, *, by_itself: bool = False) -> None:
    """Insert a row, and see it fail as a database that gave no response."""
    with pytest.raises(Exception) as caught:  # noqa: PT011 - which one it is depends on where it was cut
        insert(engine, by_itself=by_itself)
    assert is_unavailable(caught.value), repr(caught.value)


def test_without_a_fault_it_is_not_noticed(behind: Engine, count: Callable[[], int]) -> None:
    insert(behind)
    insert(behind, by_itself=True)

    assert count() == 2


@pytest.mark.parametrize("fault", ["database.refuse", "database.cut_before", "database.hang_before"])
def test_what_did_not_reach_the_server_has_no_effect(
    proxy: DatabaseProxy, behind: Engine, count: Callable[[], int], fault: str
) -> None:
    proxy.faults.force(fault)

    fail(behind)

    assert count() == 0
    insert(behind)
    assert count() == 1


@pytest.mark.parametrize("fault", ["database.cut_after_commit", "database.hang_after_commit"])
def test_a_commit_whose_response_is_lost_has_happened(
    proxy: DatabaseProxy, behind: Engine, count: Callable[[], int], fault: str
) -> None:
    proxy.faults.force(fault)

    fail(behind)

    assert count() == 1
    assert proxy.faults.counts() == {fault: 1}


def test_a_statement_of_its_own_whose_response_is_lost_has_happened(
    proxy: DatabaseProxy, behind: Engine, count: Callable[[], int]
) -> None:
    insert(behind)
    proxy.faults.force("database.cut_after_autocommit")

    fail(behind, by_itself=True)

    assert count() == 2


def test_a_rollback_is_no_commit(proxy: DatabaseProxy, behind: Engine, count: Callable[[], int]) -> None:
    proxy.faults.force("database.cut_after_commit")
    with behind.connect() as connection:
        connection.execute(text("INSERT INTO numbers VALUES (1)"))
        connection.rollback()

    assert proxy.faults.counts() == {}
    assert count() == 0

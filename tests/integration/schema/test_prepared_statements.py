"""Statements that a session keeps: what the driver does with them, and what a migration does to them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from convoke.database.sqlstates import is_unavailable
from convoke.database.transactions import autocommit, transaction
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError, IntegrityError

ADD = text("INSERT INTO things VALUES (:id, :name) RETURNING id, name || '%' AS marked").execution_options(
    prepared=True
)
READ_ALL = text("SELECT * FROM things WHERE id = :id").execution_options(prepared=True)


@pytest.fixture(autouse=True)
def things(engine: Engine) -> None:
    with transaction(engine) as connection:
        connection.execute(text("CREATE TABLE things (id integer PRIMARY KEY, name text)"))


def add_column(engine: Engine) -> None:
    with transaction(engine) as connection:
        connection.execute(text("ALTER TABLE things ADD COLUMN note text"))


@contextmanager
def counted_trips(connection: Connection) -> Iterator[list[int]]:
    """How often the session waited for the server to be ready."""
    session: Any = connection.connection.driver_connection
    trips: list[int] = []
    original = session.handle_messages

    def count(context: object) -> None:
        trips.append(1)
        original(context)

    session.handle_messages = count
    yield trips
    del session.handle_messages


def test_a_kept_statement_takes_one_round_trip_and_one_that_is_not_takes_three(engine: Engine) -> None:
    with autocommit(engine) as connection:
        with counted_trips(connection) as first:
            connection.execute(ADD, {"id": 1, "name": "a"})
        with counted_trips(connection) as second:
            connection.execute(ADD, {"id": 2, "name": "b"})
        with counted_trips(connection) as unkept:
            connection.execute(ADD, {"id": 3, "name": "c"}, execution_options={"prepared": False})
    assert (len(first), len(second), len(unkept)) == (2, 1, 3)


def test_a_kept_statement_returns_each_run_its_own_rows(engine: Engine) -> None:
    with autocommit(engine) as connection:
        rows = [
            connection.execute(ADD, {"id": number, "name": name}).one()
            for number, name in enumerate(["a", "", "%s", None])
        ]
        nothing = connection.execute(READ_ALL, {"id": 99}).all()
    assert [tuple(row) for row in rows] == [(0, "a%"), (1, "%"), (2, "%s%"), (3, None)]
    assert nothing == []


def test_a_violated_key_has_the_drivers_class_and_leaves_the_statement_usable(engine: Engine) -> None:
    with autocommit(engine) as connection:
        connection.execute(ADD, {"id": 1, "name": "a"})
        with pytest.raises(IntegrityError):
            connection.execute(ADD, {"id": 1, "name": "again"})
        assert connection.execute(ADD, {"id": 2, "name": "b"}).scalar_one() == 2


def test_a_transaction_is_begun_for_a_kept_statement_and_rolled_back_with_it(engine: Engine) -> None:
    def fail_after_adding() -> None:
        with transaction(engine) as connection:
            connection.execute(ADD, {"id": 1, "name": "a"})
            raise KeyError

    for _ in range(2):
        with pytest.raises(KeyError):
            fail_after_adding()
    with autocommit(engine) as connection:
        assert connection.execute(text("SELECT count(*) FROM things")).scalar_one() == 0


def test_a_migration_meanwhile_costs_a_statement_of_its_own_nothing(engine: Engine) -> None:
    with autocommit(engine) as connection:
        connection.execute(ADD, {"id": 1, "name": "a"})
        connection.execute(READ_ALL, {"id": 1})
    add_column(engine)
    with autocommit(engine) as connection:
        assert tuple(connection.execute(READ_ALL, {"id": 1}).one()) == (1, "a", None)


def test_a_migration_meanwhile_is_not_now_for_a_transaction_that_then_succeeds(engine: Engine) -> None:
    with autocommit(engine) as connection:
        connection.execute(READ_ALL, {"id": 1})
    add_column(engine)

    def read_in_transaction() -> list[object]:
        with transaction(engine) as connection:
            connection.execute(text("SELECT 1"))
            return list(connection.execute(READ_ALL, {"id": 1}))

    with pytest.raises(DBAPIError) as raised:
        read_in_transaction()
    assert is_unavailable(raised.value)
    assert read_in_transaction() == []


def test_what_looks_like_a_parameter_within_quotes_is_none(engine: Engine) -> None:
    statement = text("SELECT :a || ' $1 it''s' AS quoted, CAST(:b AS integer) AS number")
    with autocommit(engine) as connection:
        for prepared in (True, False):
            options = {"prepared": prepared}
            row = connection.execute(statement, {"a": "x", "b": 4}, execution_options=options).one()
            assert tuple(row) == ("x $1 it's", 4)

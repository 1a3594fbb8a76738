"""Databases beside those of the fixtures: empty, or copied from another one."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

import pg8000
from sqlalchemy import make_url

_numbers = count(1)


@contextmanager
def make_database(server_url: str, *, template: str = "template1") -> Iterator[str]:
    """A database of its own on the server, for the length of the block; yields its URL."""
    name = f"own_{next(_numbers)}"
    execute(server_url, f"CREATE DATABASE {name} TEMPLATE {template}")
    try:
        yield make_url(server_url).set(database=name).render_as_string(hide_password=False)
    finally:
        execute(server_url, f"DROP DATABASE {name} WITH (FORCE)")


def execute(url: str, statement: str) -> list[list[Any]]:
    """Run one statement by itself, outside of a transaction; returns its rows."""
    address = make_url(url)
    connection = pg8000.connect(
        address.username,
        host=address.host,
        port=address.port,
        password=address.password,
        database=address.database,
    )
    try:
        connection.autocommit = True
        cursor = connection.cursor()
        cursor.execute(statement)
        return [list(row) for row in cursor.fetchall()] if cursor.description else []
    finally:
        connection.close()

"""Runs statements on an engine: `transaction` is BEGIN … COMMIT, `autocommit` commits each statement.

Autocommit saves two round trips where there is one statement.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy.engine import Connection, Engine


@contextmanager
def transaction(engine: Engine) -> Iterator[Connection]:
    """Run the block in a transaction; roll back when it raises. Committing is done in this module alone."""
    with engine.begin() as connection:
        yield connection


@contextmanager
def autocommit(engine: Engine) -> Iterator[Connection]:
    """Run the block on a connection on which each statement commits by itself.

    The flag is set on the driver's connection: SQLAlchemy's AUTOCOMMIT isolation level would send two
    statements whenever the connection goes back to the pool.
    """
    with engine.connect() as connection:
        # Kept in a variable: an invalidated connection no longer has it.
        driver_connection: Any = connection.connection.driver_connection
        driver_connection.autocommit = True
        try:
            yield connection
        finally:
            driver_connection.autocommit = False


@contextmanager
def explicit_transaction(connection: Connection) -> Iterator[None]:
    """Run the block in a transaction on a connection of `autocommit`; roll back when it raises."""
    driver_connection: Any = connection.connection.driver_connection
    driver_connection.autocommit = False
    try:
        yield
        connection.commit()
    except BaseException:
        connection.rollback()
        raise
    finally:
        driver_connection.autocommit = True

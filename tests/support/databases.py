"""One statement on one database, without the product's own code."""

import pg8000
from sqlalchemy import make_url


def execute(url: str, statement: str) -> list[list[object]]:
    """Run a statement that commits by itself; returns its rows."""
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

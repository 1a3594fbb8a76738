"""The statements that an engine sends to the database, one by one."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Engine, event


@dataclass(frozen=True)
class Statement:
    """As the driver gets it: the text, and the values that are bound to it."""

    text: str
    values: str


@contextmanager
def recorded_statements(*engines: Engine) -> Iterator[list[Statement]]:
    """The statements that these engines send within the block."""
    statements: list[Statement] = []

    def record(_connection: object, _cursor: object, text: str, values: object, *_: object) -> None:
        statements.append(Statement(text, repr(values)))

    for engine in engines:
        event.listen(engine, "before_cursor_execute", record)
    try:
        yield statements
    finally:
        for engine in engines:
            event.remove(engine, "before_cursor_execute", record)

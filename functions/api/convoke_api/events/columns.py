"""Lists the columns of an event that requests set, once for all statements that write them."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Column:
    """A column of `events` and the field of the same name in requests and responses."""

    name: str
    sql_type: str
    #: Whether participants are notified when it changes.
    visible: bool = False
    #: Whether it can change after the event was created.
    changeable: bool = True
    #: Whether it may be long, and counts towards the size of a page.
    long: bool = False


EVENT_COLUMNS = (
    Column("title", "text", visible=True, long=True),
    Column("description", "text", visible=True, long=True),
    Column("location", "text", visible=True, long=True),
    Column("starts_at", "timestamptz", visible=True),
    Column("ends_at", "timestamptz", visible=True),
    Column("all_day", "boolean", visible=True),
    Column("time_zone", "text", visible=True),
    Column("uid", "text", changeable=False, long=True),
    Column("sequence", "integer"),
    Column("reminder_minutes", "integer[]"),
)

CHANGEABLE_COLUMNS = tuple(column for column in EVENT_COLUMNS if column.changeable)
#: Their names, in the order in which a notification lists changes.
VISIBLE_FIELDS = tuple(column.name for column in EVENT_COLUMNS if column.visible)


def define_columns(columns: Iterable[Column]) -> str:
    """Return column definitions for a record: `title text, …`."""
    return ", ".join(f"{column.name} {column.sql_type}" for column in columns)


def name_columns(columns: Iterable[Column]) -> str:
    """Return column names for an INSERT: `title, …`."""
    return ", ".join(column.name for column in columns)


def select_columns(columns: Iterable[Column], source: str, **expressions: str) -> str:
    """Return the columns of `source` for a SELECT, `request.title, …`; `expressions` replace some by name."""
    return ", ".join(expressions.get(column.name, f"{source}.{column.name}") for column in columns)


def assign_columns(columns: Iterable[Column], source: str) -> str:
    """Return assignments for an UPDATE: `title = request.title, …`."""
    return ", ".join(f"{column.name} = {source}.{column.name}" for column in columns)


def measure_columns(columns: Iterable[Column]) -> str:
    """Return an expression: how many bytes the long columns of a row hold."""
    return " + ".join(f"coalesce(octet_length({column.name}), 0)" for column in columns if column.long)

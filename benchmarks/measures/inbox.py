"""Measures reading an inbox with 100,000 unread in a table of ten million, against a lookup by key.

The product's own functions, as the routes call them, through an engine like theirs: the query with its way to
the database and back, and the making of the response.
"""

from collections.abc import Callable
from statistics import median
from time import perf_counter
from uuid import UUID

from convoke.database.engine import make_engine
from convoke.database.transactions import autocommit, transaction
from convoke_api.inbox.queries import count_unread, list_notifications
from convoke_api.web.pagination import PageRequest, encode_cursor
from sqlalchemy import Connection, Engine, TextClause, text

from benchmarks.measures.full_inboxes import PEOPLE, fill_inboxes
from benchmarks.results import Row
from benchmarks.world import make_world

_WAVES, _QUICK_WAVES = 100_000, 10_000
_PAGE = 20
_REPETITIONS, _QUICK_REPETITIONS = 200, 50

_BY_KEY = text("SELECT * FROM notifications WHERE user_id = :user_id AND id = :id")
#: The product's own statements are prepared (ADR 0035), as an application's lookup by key seldom is.
_BY_KEY_PREPARED = _BY_KEY.execution_options(prepared=True)
_NEWEST = text("""
SELECT id FROM notifications WHERE user_id = :user_id ORDER BY id DESC OFFSET :offset LIMIT :limit
""")

type Read = Callable[[Connection, int], object]


def measure_inbox(*, rounds: int, quick: bool) -> list[Row]:
    """Measure milliseconds of a page of 20, the first one and one far down, and of the unread count.

    10,000,000 notifications, 100,000 of them one person's; a tenth of both in a quick run.
    """
    waves = _QUICK_WAVES if quick else _WAVES
    with make_world(PEOPLE, durable=False) as world:
        heavy_user = UUID(world.people[0])
        with world.open_engine() as engine:
            stored = fill_inboxes(engine, heavy_user, waves=waves)
        engine = make_engine(world.database_url, timeout_seconds=20, application_name="benchmarks")
        try:
            values = _measure(
                engine,
                _make_reads(engine, heavy_user, after=waves // 2),
                rounds=rounds,
                repetitions=_QUICK_REPETITIONS if quick else _REPETITIONS,
            )
        finally:
            engine.dispose()
    first, deep, count, key, prepared_key = values
    return [
        Row("inbox page", "convoke", "ms", first),
        Row("inbox page", "convoke", "ms", deep, {"after": waves // 2}),
        Row("unread count", "convoke", "ms", count),
        Row("key lookup", "primary-key lookup", "ms", key),
        Row("key lookup", "primary-key lookup, prepared", "ms", prepared_key),
        Row("notifications stored", "convoke", "count", [stored]),
    ]


def _make_reads(engine: Engine, heavy_user: UUID, *, after: int) -> list[Read]:
    """Return the reads to compare; each takes the number of the repetition."""
    with transaction(engine) as connection:
        newest, further = (
            list(
                connection.execute(
                    _NEWEST, {"user_id": heavy_user, "offset": offset, "limit": _PAGE}
                ).scalars()
            )
            for offset in (0, after - 1)
        )
    first_page = PageRequest(_PAGE, None)
    deep_page = PageRequest(_PAGE, encode_cursor("notifications", further[0]))

    def find_by_key(connection: Connection, number: int, lookup: TextClause = _BY_KEY) -> object:
        # Rows of the first page: as warm as that is.
        return connection.execute(lookup, {"user_id": heavy_user, "id": newest[number % _PAGE]}).one()

    return [
        lambda connection, _: list_notifications(
            connection, heavy_user, first_page, unread=None, of_type=None
        ),
        lambda connection, _: list_notifications(
            connection, heavy_user, deep_page, unread=None, of_type=None
        ),
        lambda connection, _: count_unread(connection, heavy_user),
        find_by_key,
        lambda connection, number: find_by_key(connection, number, _BY_KEY_PREPARED),
    ]


def _measure(engine: Engine, reads: list[Read], *, rounds: int, repetitions: int) -> list[list[float]]:
    values: list[list[float]] = [[] for _ in reads]
    for round_ in range(-1, rounds):
        took: list[list[float]] = [[] for _ in reads]
        for number in range(repetitions):
            for read, seconds in zip(reads, took, strict=True):
                started_at = perf_counter()
                with autocommit(engine) as connection:
                    read(connection, number)
                seconds.append(perf_counter() - started_at)
        # The first is the warm-up.
        if round_ >= 0:
            for value, seconds in zip(values, took, strict=True):
                value.append(median(seconds) * 1000)
    return values

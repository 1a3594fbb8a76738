"""Measures a tick of the relay beside many delivered rows, against the same tick beside none.

Two databases of one server take turns. Both have 1,000 undelivered rows whose messages were lost; one has a
million delivered rows besides, a month of them. The whole handler is measured, retention included; the queue
takes all messages at once, so that its calls hide no difference.
"""

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from statistics import median
from time import perf_counter

from convoke.database.engine import make_engine
from convoke.database.transactions import autocommit, transaction
from convoke.messages import DeliveryMessage
from convoke_relay.handler import make_handler
from convoke_relay.settings import RelaySettings
from sqlalchemy import Engine, make_url, text

from benchmarks.measures.lambda_context import Context
from benchmarks.results import Row
from benchmarks.world import World, make_world

_PEOPLE = 1_000
_PENDING = 1_000
_DELIVERED = 1_000_000
_TICKS, _QUICK_TICKS = 15, 5

# The rows of a month, none old enough to be removed: events of ten participants. Their ids hold the time of
# their creation.
_ADD_DELIVERED = text("""
INSERT INTO outbox (id, event_id, type, payload, recipient_ids, correlation_id,
                    created_at, due_at, attempts, next_attempt_at, delivered_at, written, muted)
SELECT id, id, 'event_invited', payload, recipient_ids, id,
       at, at, 0, at + interval '2 minutes', at + interval '1 second', 10, 0
FROM (SELECT uuid7_at(at) AS id, at
      FROM (SELECT now() - interval '30 days' * (1 - number / CAST(:rows AS float8)) AS at
            FROM generate_series(1, CAST(:rows AS integer)) AS number) AS times) AS waves,
     (SELECT array_agg(id) AS recipient_ids FROM (SELECT id FROM users LIMIT 10) AS ten) AS people,
     (SELECT jsonb_build_object(
          'version', 1, 'title', 'Планёрка', 'starts_at', now(), 'ends_at', now(), 'all_day', false,
          'time_zone', 'Europe/Moscow', 'actor_id', gen_random_uuid()) AS payload) AS payload
""")

_ADD_PENDING = text("""
INSERT INTO outbox (id, event_id, type, payload, correlation_id, created_at, due_at, next_attempt_at)
SELECT uuid7_at(at), uuid7_at(at), 'event_invited', '{"version": 1}', 'lost',
       at, at, at + interval '2 minutes'
FROM (SELECT now() - interval '1 second' * (600 + number) AS at
      FROM generate_series(1, CAST(:rows AS integer)) AS number) AS times
RETURNING id
""")

_MAKE_DUE_AGAIN = text("""
UPDATE outbox SET attempts = 0, next_attempt_at = due_at + interval '2 minutes'
FROM unnest(CAST(:ids AS uuid[])) AS due (id)
WHERE outbox.id = due.id
""")


class _GreedyQueue:
    """A queue that takes all messages at once and holds none."""

    def __init__(self) -> None:
        self.taken = 0

    def send(self, messages: Sequence[tuple[DeliveryMessage, int]]) -> int:
        self.taken += len(messages)
        return len(messages)

    def count_waiting(self) -> int:
        return 0


class _Relay:
    """The relay in one execution environment on one database."""

    def __init__(self, database_url: str) -> None:
        self.engine: Engine = make_engine(database_url, timeout_seconds=600, application_name="benchmarks")
        self._queue = _GreedyQueue()
        self._pending = ""
        self._output = io.StringIO()
        with redirect_stdout(self._output):
            self._handler = make_handler(RelaySettings(database_url=""), self.engine, self._queue)

    def prepare(self, delivered: int) -> None:
        """Fill the outbox."""
        with transaction(self.engine) as connection:
            connection.execute(_ADD_DELIVERED, {"rows": delivered})
            pending = connection.execute(_ADD_PENDING, {"rows": _PENDING}).scalars()
            self._pending = "{" + ",".join(map(str, pending)) + "}"
        with autocommit(self.engine) as connection:
            connection.execute(text("VACUUM (ANALYZE) outbox"))
            connection.execute(text("CHECKPOINT"))

    def tick(self) -> float:
        """Return the seconds of a tick that finds all rows due. Raises RuntimeError if it left some."""
        with transaction(self.engine) as connection:
            connection.execute(_MAKE_DUE_AGAIN, {"ids": self._pending})
        with autocommit(self.engine) as connection:
            # As autovacuum does between two ticks.
            connection.execute(text("VACUUM outbox"))
        self._queue.taken = 0
        with redirect_stdout(self._output):
            started_at = perf_counter()
            self._handler({}, Context())
            took = perf_counter() - started_at
        if self._queue.taken != _PENDING:
            raise RuntimeError(f"the tick sent {self._queue.taken} rows, not {_PENDING}")
        return took


def measure_relay(*, rounds: int, quick: bool) -> list[Row]:
    """Measure milliseconds of a tick that sends 1,000 rows, by the number of rows delivered before."""
    ticks = _QUICK_TICKS if quick else _TICKS
    values: dict[int, list[float]] = {_DELIVERED: [], 0: []}
    with make_world(_PEOPLE) as world, _run_relays(world, values) as relays:
        for round_ in range(-1, rounds):
            took: dict[int, list[float]] = {delivered: [] for delivered in relays}
            for _ in range(ticks):
                for delivered, relay in relays.items():
                    took[delivered].append(relay.tick())
            # The first is the warm-up.
            if round_ >= 0:
                for delivered, seconds in took.items():
                    values[delivered].append(median(seconds) * 1000)
    return [
        Row("relay tick", "convoke: relay", "ms", milliseconds, {"delivered": delivered})
        for delivered, milliseconds in values.items()
    ]


@contextmanager
def _run_relays(world: World, numbers: Sequence[int]) -> Iterator[dict[int, _Relay]]:
    """Run relays beside these numbers of delivered rows, on copies of the world's database."""
    address = make_url(world.database_url)
    relays: dict[int, _Relay] = {}
    server = make_engine(
        address.set(database="postgres").render_as_string(hide_password=False),
        timeout_seconds=60,
        application_name="benchmarks",
    )
    try:
        for delivered in numbers:
            name = f"delivered_{delivered}"
            with autocommit(server) as connection:
                connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {address.database}"))
            url = address.set(database=name).render_as_string(hide_password=False)
            relays[delivered] = relay = _Relay(url)
            relay.prepare(delivered)
        yield relays
    finally:
        server.dispose()
        for relay in relays.values():
            relay.engine.dispose()

"""The API and the worker over one database, and the people who use them."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread
from time import monotonic, sleep
from typing import Any
from uuid import uuid4

from convoke.database.engine import make_engine
from convoke.database.transactions import autocommit, transaction
from convoke.observability import make_logger, make_metrics
from convoke_api.invocation import Handler, make_handler
from convoke_api.services import Services
from convoke_api.settings import ApiSettings
from convoke_relay.steps import Steps, take_steps
from convoke_worker.handler import make_handler as make_worker
from convoke_worker.settings import WorkerSettings
from integration.api.client import Client, RecordingQueue, Response, current_loop
from integration.worker.stage import LambdaContext, failed_ids, sqs_event
from integration.worker.stage import RecordingQueue as PostponingQueue
from sqlalchemy import Engine, RowMapping, event, text

#: A wait that lasts so long is one for ever.
TIMEOUT_SECONDS = 10

_OWED = """
SELECT id FROM outbox
WHERE event_id = ANY (CAST(:events AS uuid[]))
  AND delivered_at IS NULL AND cancelled_at IS NULL AND due_at <= clock_timestamp()
ORDER BY id DESC
"""

_WAITING = """
SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()
"""


def from_now(**length: float) -> str:
    """An instant so far from now, as RFC 3339 text."""
    return (datetime.now(UTC) + timedelta(**length)).isoformat()


@dataclass(repr=False)
class World:
    """One database with an API and a worker. `make` opens more of either, for threads."""

    database_url: str
    domain: str
    settings: ApiSettings
    queue: RecordingQueue = field(default_factory=RecordingQueue)
    engines: list[Engine] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.services = self.make_services()
        self.handler = make_handler(self.services)
        self.work = self.make_worker()
        self._engine = self.make_engine()
        self._lasting = len(self.engines)

    def close(self) -> None:
        """Close all connections."""
        for engine in self.engines:
            engine.dispose()

    def close_others(self) -> None:
        """Close the connections of what was made besides the world's own API and worker."""
        while len(self.engines) > self._lasting:
            self.engines.pop().dispose()

    def make_engine(self) -> Engine:
        """An engine as each function has its own; disposed of with the world."""
        engine = make_engine(self.database_url, timeout_seconds=TIMEOUT_SECONDS, application_name="tests")
        self.engines.append(engine)
        return engine

    def make_services(self, **settings: Any) -> Services:
        """The services of an API with settings of its own."""
        return Services(
            self.make_engine(),
            self.queue,
            replace(self.settings, **settings),
            make_logger("convoke-api"),
            make_metrics("convoke-api", "test"),
        )

    def make_api(self) -> Handler:
        """One more API, that has built its routes: FastAPI does so at first use, and not in threads.

        (It silences a warning of pydantic meanwhile, which threads undo for each other.)
        """
        handler = make_handler(self.make_services())
        assert Client(handler, None).get("/nothing").status == 404
        return handler

    def make_worker(self) -> Callable[[Sequence[Any]], list[str]]:
        """Delivers outbox ids as one SQS batch, with the worker's handler; returns those that failed."""
        handle = make_worker(WorkerSettings(self.database_url), self.make_engine(), PostponingQueue())
        return lambda ids: failed_ids(handle(sqs_event(*ids), LambdaContext()))

    def person(self, name: str, /, handler: Handler | None = None, **claims: Any) -> Client:
        """Somebody with a verified address, named after it; their user is made here, by their first call."""
        address = f"{name}@{self.domain}"
        known = {"sub": address, "email": address, "email_verified": "true", "name": name.title()}
        someone = Client(handler or self.handler, {**known, **claims})
        assert someone.get("/v1/me").status == 200
        return someone

    def people(self, number: int) -> list[str]:
        """The ids of so many people who have signed in, sorted."""
        rows = self.query(
            """
            INSERT INTO users (subject_hash, email, email_key, full_name)
            SELECT gen_random_uuid(), address, address, 'Person ' || n
            FROM generate_series(1, :number) AS n,
                 LATERAL (SELECT n || '-' || gen_random_uuid() || '@' || :domain AS address) AS made
            RETURNING id
            """,
            number=number,
            domain=self.domain,
        )
        return sorted(str(row["id"]) for row in rows)

    def newcomers(self, number: int, **claims: Any) -> list[dict[str, Any]]:
        """The claims of so many people with users of their own, by which they call."""
        made = [f"{uuid4().hex}@{self.domain}" for _ in range(number)]
        known = {it: {"sub": it, "email": it, "email_verified": "true", "name": it, **claims} for it in made}
        rows = self.query(
            """
            INSERT INTO users (subject_hash, email, email_key, full_name)
            SELECT encode(sha256(convert_to(it, 'UTF8')), 'hex'), it, CASE WHEN :verified THEN it END, it
            FROM unnest(CAST(:made AS text[])) AS it
            RETURNING id, email
            """,
            made=made,
            verified=claims.get("email_verified", "true") == "true",
        )
        for row in rows:
            known[row["email"]]["id"] = row["id"]
        return list(known.values())

    def plan(self, organizer: Client, *guests: Client, **fields: Any) -> dict[str, Any]:
        """An event in 2030 to which the guests are invited; the response to its creation."""
        response = organizer.post(
            "/v1/events", {**EVENT_BODY, "participant_ids": [it.id for it in guests], **fields}
        )
        assert response.status == 201, response.text
        event_: dict[str, Any] = response.json
        return event_

    def query(self, statement: str, **values: Any) -> list[RowMapping]:
        """Run SQL beside the API; the rows, if there are any."""
        with autocommit(self._engine) as connection:
            result = connection.execute(text(statement), values)
            return list(result.mappings()) if result.returns_rows else []

    def owed(self, *events: dict[str, Any]) -> list[Any]:
        """The ids of the outbox rows of the events that may be delivered, the latest change first."""
        return [row["id"] for row in self.query(_OWED, events=[it["id"] for it in events])]

    def deliver(self, *events: dict[str, Any]) -> None:
        """Deliver what is due of the events, the latest change first: the order must not depend on it."""
        for outbox_id in self.owed(*events):
            assert self.work([outbox_id]) == []

    def take_steps(self, *, due: bool = True, seconds: float = 300) -> Steps:
        """Take steps of erasures and read marks, as a tick of the relay; all are made `due` before."""
        if due:
            self.query("UPDATE erasures SET next_step_at = now()")
        ends_at = monotonic() + seconds
        return take_steps(
            self._engine,
            recipients_per_row=self.settings.recipients_per_row,
            has_time=lambda: monotonic() < ends_at,
        )

    def outbox(self, event_: dict[str, Any], type_: str | None = None) -> list[RowMapping]:
        """The rows of the event, those of one type when it is given, by the time of the change."""
        rows = self.query("SELECT * FROM outbox WHERE event_id = :id ORDER BY id", id=event_["id"])
        return [row for row in rows if type_ in (None, row["type"])]

    def reminders(self, event_: dict[str, Any]) -> list[datetime]:
        """When the reminders of the event that are still to come are due."""
        return [
            row["due_at"]
            for row in self.outbox(event_, "event_reminder")
            if row["cancelled_at"] is None and row["delivered_at"] is None
        ]

    def pass_time(self, event_: dict[str, Any], **length: float) -> None:
        """Let so much time pass for one event: each of its instants is that much earlier."""
        self.query(
            """
            WITH moved AS (
                UPDATE events SET starts_at = starts_at - CAST(:length AS interval),
                    ends_at = ends_at - CAST(:length AS interval)
                WHERE id = :id
            )
            UPDATE outbox SET due_at = due_at - CAST(:length AS interval),
                next_attempt_at = next_attempt_at - CAST(:length AS interval),
                id = CASE type WHEN 'event_reminder' THEN uuid7_at(due_at - CAST(:length AS interval))
                               ELSE id END
            WHERE event_id = :id
            """,
            id=event_["id"],
            length=timedelta(**length),
        )

    def copies(self, event_: dict[str, Any], number: int) -> list[str]:
        """The ids of so many events like this one, its people and undelivered outbox rows included."""
        rows = self.query(
            """
            WITH copy AS MATERIALIZED (
                SELECT uuid7_at(clock_timestamp()) AS id FROM generate_series(1, :number)
            ), made AS (
                INSERT INTO events
                SELECT (jsonb_populate_record(events, jsonb_build_object('id', copy.id, 'uid', copy.id))).*
                FROM copy, events WHERE events.id = :id
            ), invited AS (
                INSERT INTO event_participants
                SELECT (jsonb_populate_record(part, jsonb_build_object('event_id', copy.id))).*
                FROM copy, event_participants AS part WHERE part.event_id = :id
            ), owed AS (
                INSERT INTO outbox
                SELECT (jsonb_populate_record(outbox, jsonb_build_object(
                    'event_id', copy.id, 'id', uuid7_at(outbox.due_at)))).*
                FROM copy, outbox WHERE outbox.event_id = :id AND delivered_at IS NULL
            )
            SELECT id FROM copy ORDER BY id
            """,
            id=event_["id"],
            number=number,
        )
        return [str(row["id"]) for row in rows]

    def race(self, rounds: Sequence[Any], *runners: Callable[[Handler], Callable[[Any], Any]]) -> list[Any]:
        """For each of `rounds`, call what every runner has made, all at the same moment.

        Each runner gets a handler of its own, and its calls a thread. Returns each round's results.
        """
        barrier = Barrier(len(runners))
        callers = [runner(self.make_api()) for runner in runners]

        def run(call: Callable[[Any], Any]) -> list[Any]:
            results = []
            with current_loop():
                try:
                    for each in rounds:
                        barrier.wait(timeout=TIMEOUT_SECONDS)
                        results.append(call(each))
                except BaseException:
                    barrier.abort()
                    raise
            return results

        with ThreadPoolExecutor(len(runners)) as threads:
            return list(zip(*threads.map(run, callers), strict=True))

    @contextmanager
    def held(self, statement: str, **values: Any) -> Iterator[None]:
        """Run SQL in a transaction that is committed at the end of the block."""
        with transaction(self.make_engine()) as connection:
            connection.execute(text(statement), values)
            yield

    def call_aside(
        self, person: Client, method: str, path: str, body: object = None
    ) -> Callable[[], Response]:
        """Make a call in a thread, and wait until it waits for a lock; returns a getter of its response."""
        responses: list[Response] = []
        aside = Client(self.make_api(), person.claims)

        def run() -> None:
            with current_loop():
                responses.append(aside.call(method, path, body))

        thread = Thread(target=run)
        thread.start()
        deadline = monotonic() + TIMEOUT_SECONDS
        while not self.query(_WAITING):
            assert thread.is_alive(), "the call waited for nothing"
            assert monotonic() < deadline
            sleep(0.005)

        def response() -> Response:
            thread.join(TIMEOUT_SECONDS)
            (response,) = responses
            return response

        return response

    @contextmanager
    def counted_statements(self) -> Iterator[list[str]]:
        """The statements that the API sends within the block."""
        statements: list[str] = []

        def count(_connection: object, _cursor: object, statement: str, *_: object) -> None:
            statements.append(statement)

        event.listen(self.services.engine, "before_cursor_execute", count)
        try:
            yield statements
        finally:
            event.remove(self.services.engine, "before_cursor_execute", count)


#: A request that is accepted as it is.
EVENT_BODY: dict[str, Any] = {
    "title": "Планёрка",
    "starts_at": "2030-03-01T10:00:00+03:00",
    "ends_at": "2030-03-01T10:30:00+03:00",
    "time_zone": "Europe/Moscow",
    "reminder_minutes": [],
}


def inbox(person: Client, of_type: str | None = None) -> list[str]:
    """The messages of a person, the oldest first, as the API shows them."""
    return [item["message"] for item in notifications(person, of_type)]


def kinds(person: Client) -> list[str]:
    """The types of a person's notifications, the oldest first."""
    return [item["type"] for item in notifications(person)]


def notifications(person: Client, of_type: str | None = None) -> list[dict[str, Any]]:
    """The inbox of a person, the oldest first: all of its pages."""
    items: list[dict[str, Any]] = []
    wanted, cursor = f"&type={of_type}" if of_type else "", ""
    while True:
        response = person.get(f"/v1/notifications?limit=100{wanted}{cursor}")
        assert response.status == 200, response.text
        items += response.json["items"]
        if response.json["next_cursor"] is None:
            return items[::-1]
        cursor = f"&cursor={response.json['next_cursor']}"

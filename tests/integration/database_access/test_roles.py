"""Each function's role can do what the function does, and nothing that is another's."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from convoke.database import make_engine, sqlstate, transaction
from convoke.models import metadata
from convoke.observability import make_logger, make_metrics
from convoke.settings import Settings
from convoke_api.invocation import make_handler as make_api
from convoke_api.services import Services
from convoke_migrator.access import GRANTS
from convoke_migrator.migrations import upgrade
from convoke_relay.handler import make_handler as make_relay
from convoke_worker.handler import make_handler as make_worker
from integration.api.client import Client, RecordingQueue, current_loop
from integration.relay.stage import InMemoryQueue, add_rows, execute
from integration.worker.stage import LambdaContext, failed_ids, sqs_event
from integration.worker.stage import RecordingQueue as PostponingQueue
from sqlalchemy import Engine, make_url, text
from sqlalchemy.exc import ProgrammingError

type MakeEngine = Callable[[str], Engine]

API, WORKER, RELAY = "convoke_api", "convoke_worker", "convoke_relay"


@pytest.fixture
def engine_of(database_url: str, role_passwords: dict[str, str]) -> Iterator[MakeEngine]:
    """Makes the engine of a role on the test's own database."""
    engines: list[Engine] = []

    def make(role: str) -> Engine:
        url = make_url(database_url).set(username=role, password=role_passwords[role])
        engines.append(
            make_engine(
                url.render_as_string(hide_password=False), timeout_seconds=10, application_name="tests"
            )
        )
        return engines[-1]

    yield make
    for engine in engines:
        engine.dispose()


@pytest.mark.parametrize(
    ("role", "statement"),
    [
        (API, "INSERT INTO notifications SELECT * FROM notifications"),
        (API, "UPDATE notifications SET message = 'another'"),
        (API, "UPDATE outbox SET delivered_at = now()"),
        (API, "DELETE FROM outbox"),
        (API, "DELETE FROM events"),
        (API, "DELETE FROM users"),
        (WORKER, "UPDATE users SET email = 'another'"),
        (WORKER, "UPDATE events SET title = 'another'"),
        (WORKER, "UPDATE outbox SET recipient_ids = '{}'"),
        (WORKER, "INSERT INTO outbox SELECT * FROM outbox"),
        (WORKER, "DELETE FROM notifications"),
        (WORKER, "SELECT message FROM notifications"),
        (WORKER, "SELECT * FROM idempotency_records"),
        (RELAY, "SELECT email FROM users"),
        (RELAY, "SELECT message FROM notifications"),
        (RELAY, "SELECT request_hash FROM idempotency_records"),
        (RELAY, "SELECT * FROM events"),
        (RELAY, "UPDATE outbox SET payload = '{}'"),
        (RELAY, "INSERT INTO notifications SELECT * FROM notifications"),
        *(
            (role, statement)
            for role in (API, WORKER, RELAY)
            for statement in (
                "ALTER TABLE outbox ADD COLUMN another int",
                "DROP TABLE outbox",
                "TRUNCATE outbox",
                "CREATE TABLE another (id int)",
                "CREATE INDEX another ON outbox (type)",
                "SELECT * FROM alembic_version",
                "UPDATE alembic_version SET version_num = 'another'",
                "CREATE ROLE another",
                "SET ROLE convoke",
            )
        ),
    ],
)
def test_what_is_another_s_is_refused(role: str, statement: str, engine_of: MakeEngine) -> None:
    with pytest.raises(ProgrammingError) as refused, transaction(engine_of(role)) as connection:
        connection.exec_driver_sql(statement)

    assert sqlstate(refused.value) == "42501"  # insufficient_privilege


def test_each_table_is_somebody_s() -> None:
    assert {table for tables in GRANTS.values() for table in tables} == set(metadata.tables)


def test_an_upgrade_takes_back_what_is_not_listed(engine: Engine) -> None:
    execute(engine, "GRANT ALL ON notifications, alembic_version TO convoke_api")
    execute(engine, "GRANT UPDATE (message) ON notifications TO convoke_relay")
    with transaction(engine) as connection:
        upgrade(connection)

    with engine.connect() as connection:
        may = text("""
            SELECT has_table_privilege('convoke_api', 'notifications', 'INSERT'),
                   has_table_privilege('convoke_api', 'alembic_version', 'SELECT'),
                   has_column_privilege('convoke_relay', 'notifications', 'message', 'UPDATE'),
                   has_column_privilege('convoke_relay', 'notifications', 'read_at', 'UPDATE')
        """)
        assert connection.execute(may).one() == (False, False, False, True)


def from_now(**length: float) -> str:
    return (datetime.now(UTC) + timedelta(**length)).isoformat()


def test_all_functions_do_their_work_under_their_own_roles(engine_of: MakeEngine, engine: Engine) -> None:
    queue, settings = RecordingQueue(), Settings(database_url="", queue_url="")
    services = Services(engine_of(API), queue, settings, make_logger("tests"), make_metrics("tests", "local"))
    work = make_worker(settings, engine_of(WORKER), PostponingQueue())
    tick = make_relay(settings, engine_of(RELAY), InMemoryQueue())

    with current_loop():
        api = make_api(services)
        anna, boris, clara = (
            Client(api, {"sub": name, "email": f"{name}@example.org", "email_verified": "true", "name": name})
            for name in ("anna", "boris", "clara")
        )

        def deliver() -> None:
            ids = [message.outbox_id for message, _ in queue.sent]
            queue.sent.clear()
            assert failed_ids(work(sqs_event(*ids), LambdaContext())) == []

        def ok(client: Client, method: str, target: str, body: object = None, **headers: str) -> Any:
            answer = client.call(method, target, body, headers=headers or None)
            assert 200 <= answer.status < 300, (method, target, answer.text)
            return answer.json if answer.text else None

        meeting = {
            "title": "Планёрка",
            "starts_at": from_now(days=1),
            "ends_at": from_now(days=1, hours=1),
            "participant_emails": ["boris@example.org"],
        }
        for _ in range(2):  # the second is a replay
            event = ok(anna, "POST", "/v1/events", meeting, **{"idempotency-key": "key"})
        path = f"/v1/events/{event['id']}"
        ok(anna, "POST", f"{path}/participants", {"participant_emails": ["clara@example.org"]})
        ok(boris, "PATCH", f"{path}/participants/me", {"response_status": "accepted"})
        ok(anna, "PATCH", path, {"starts_at": from_now(days=2), "ends_at": from_now(days=2, hours=1)})
        deliver()
        ok(anna, "DELETE", f"{path}/participants/{clara.id}")
        for target in ("/v1/events", path, f"{path}/participants", f"{path}/deliveries", "/v1/me"):
            ok(anna, "GET", target)
        ok(anna, "DELETE", path)
        deliver()
        (*_, first) = ok(boris, "GET", "/v1/notifications")["items"]
        ok(boris, "GET", "/v1/notifications/unread-count")
        ok(boris, "PATCH", f"/v1/notifications/{first['id']}", {"read": True})
        ok(boris, "POST", "/v1/notifications/read-all")
        ok(boris, "DELETE", f"/v1/notifications/{first['id']}")
        ok(clara, "PATCH", "/v1/me", {"locale": "en"})
        ok(clara, "PUT", "/v1/me/preferences", {"event_reminder": {"in_app": False}})
        ok(clara, "DELETE", "/v1/me")

    # Something to send, and something that has served its time: the relay removes all kinds of it or nothing.
    add_rows(engine, 3)
    execute(engine, "UPDATE idempotency_records SET created_at = now() - interval '2 days'")
    report = tick({}, LambdaContext())
    assert report["sent"] == 3
    assert report["removed"]["idempotency_records"] == 1
    with engine.connect() as connection:
        told = connection.execute(text("SELECT DISTINCT type FROM notifications")).scalars()
        assert {"event_cancelled", "participant_responded"} <= set(told)


def test_a_failure_is_recorded_under_the_worker_s_role(engine_of: MakeEngine, engine: Engine) -> None:
    (poison,) = add_rows(engine)  # its payload cannot be put into words
    work = make_worker(Settings(database_url=""), engine_of(WORKER), PostponingQueue())

    assert failed_ids(work(sqs_event(poison, receive_count=5), LambdaContext())) == ["m0"]

    with engine.connect() as connection:
        assert connection.execute(text("SELECT failure FROM outbox WHERE failed_at IS NOT NULL")).scalar()

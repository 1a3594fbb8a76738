"""Each function's role can do what the function does, and nothing that is another's."""

from collections.abc import Callable, Iterator

import pytest
from convoke.database.engine import make_engine
from convoke.database.sqlstates import sqlstate
from convoke.database.transactions import transaction
from convoke_migrator.access import GRANTS
from convoke_migrator.migrations import upgrade
from convoke_migrator.models import metadata
from convoke_worker.handler import make_handler as make_worker
from convoke_worker.settings import WorkerSettings
from integration.relay.stage import add_rows, execute
from integration.worker.stage import LambdaContext, failed_ids, sqs_event
from integration.worker.stage import RecordingQueue as PostponingQueue
from sqlalchemy import Engine, make_url, text
from sqlalchemy.exc import ProgrammingError
from support.work import do_all_work

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
        (API, "UPDATE notifications SET id = gen_random_uuid()"),
        (API, "UPDATE acquaintances SET user_id = organizer_id"),
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
        (RELAY, "UPDATE users SET erased_at = NULL"),
        (RELAY, "INSERT INTO former_addresses SELECT * FROM former_addresses"),
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


def test_all_functions_do_their_work_under_their_own_roles(engine_of: MakeEngine, engine: Engine) -> None:
    do_all_work(engine_of(API), engine_of(WORKER), engine_of(RELAY), owner=engine)


def test_a_failure_is_recorded_under_the_worker_s_role(engine_of: MakeEngine, engine: Engine) -> None:
    (poison,) = add_rows(engine)  # its payload cannot be put into words
    work = make_worker(WorkerSettings(database_url=""), engine_of(WORKER), PostponingQueue())

    assert failed_ids(work(sqs_event(poison, receive_count=5), LambdaContext())) == ["m0"]

    with engine.connect() as connection:
        assert connection.execute(text("SELECT failure FROM outbox WHERE failed_at IS NOT NULL")).scalar()

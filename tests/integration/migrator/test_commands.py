"""The commands that the deployment sends to the migrator, and those that it refuses."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from convoke.database.engine import make_engine
from convoke.database.transactions import transaction
from convoke_migrator.handler import handler, read_command
from sqlalchemy import Engine, text
from sqlalchemy.exc import ProgrammingError
from support.databases import make_database


@pytest.fixture
def empty(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """An engine on an empty database, which is the migrator's."""
    with make_database(postgres_url) as url:
        monkeypatch.setenv("DATABASE_URL", url)
        engine = make_engine(url, timeout_seconds=10, application_name="tests")
        yield engine
        engine.dispose()


def tables(engine: Engine) -> set[str]:
    with transaction(engine) as connection:
        found = connection.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"))
        return set(found.scalars())


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        ({}, "the command must be one of: upgrade, current, downgrade"),
        ({"command": "drop"}, "the command must be one of"),
        ({"command": "downgrade", "force": True}, "must name the revision"),
        ({"command": "downgrade", "revision": "", "force": True}, "must name the revision"),
        ({"command": "downgrade", "revision": 1, "force": True}, "must name the revision"),
        ({"command": "downgrade", "revision": "base"}, "loses the data of newer revisions"),
        ({"command": "downgrade", "revision": "base", "force": False}, "loses"),
        ({"command": "downgrade", "revision": "base", "force": "true"}, "loses"),
    ],
)
def test_what_it_will_not_do_is_refused_before_anything_is_done(event: dict[str, Any], reason: str) -> None:
    # DATABASE_URL is not set: a run that went further than the command would fail for that.
    with pytest.raises(ValueError, match=reason):
        handler(event, None)


def test_force_is_not_asked_for_what_loses_nothing() -> None:
    assert read_command({"command": "upgrade"}) == ("upgrade", "")
    assert read_command({"command": "current", "revision": "0001"}) == ("current", "")


def test_a_forced_downgrade_goes_where_it_is_told(empty: Engine) -> None:
    newest = handler({"command": "upgrade"}, None)
    assert handler({"command": "current"}, None) == newest

    assert handler({"command": "downgrade", "revision": "base", "force": True}, None) == {"revision": ""}
    assert tables(empty) == {"alembic_version"}
    assert handler({"command": "upgrade"}, None) == newest


def test_invocations_at_once_migrate_once(empty: Engine) -> None:
    with transaction(empty) as connection:
        # A table as the witness: whatever migrates makes `users`, and each making is one line here.
        connection.exec_driver_sql("""
            CREATE TABLE witness (line text);
            CREATE FUNCTION note() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN
                INSERT INTO witness SELECT object_identity FROM pg_event_trigger_ddl_commands()
                WHERE command_tag = 'CREATE TABLE' AND object_identity = 'public.users';
            END $$;
            CREATE EVENT TRIGGER note ON ddl_command_end EXECUTE FUNCTION note();
        """)
    with ThreadPoolExecutor(4) as pool:
        responses = list(pool.map(lambda _: handler({"command": "upgrade"}, None), range(4)))

    assert len({response["revision"] for response in responses}) == 1
    with transaction(empty) as connection:
        assert connection.execute(text("SELECT count(*) FROM witness")).scalar() == 1


def test_a_migration_that_fails_leaves_nothing_behind(empty: Engine) -> None:
    with transaction(empty) as connection:
        connection.exec_driver_sql("CREATE TABLE notifications (somebody_s text)")

    with pytest.raises(ProgrammingError, match="already exists"):
        handler({"command": "upgrade"}, None)

    assert tables(empty) == {"notifications"}
    assert handler({"command": "current"}, None) == {"revision": ""}

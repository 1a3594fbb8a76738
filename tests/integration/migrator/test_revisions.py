"""Every revision: back and forth on a database that is in use, and old code on the schema to come."""

import inspect
import re
from typing import Any

import pytest
from alembic import command
from alembic.script import Script, ScriptDirectory
from convoke.database.engine import make_engine
from convoke.database.transactions import transaction
from convoke_migrator import migrations
from convoke_migrator.models import metadata
from sqlalchemy import Connection, Engine, text
from support.work import do_all_work

#: What running code may need: a migration that takes it away says since when nobody does.
_CONTRACTS = re.compile(
    r"\b(DROP\s+(TABLE|COLUMN|FUNCTION|DEFAULT)|RENAME|SET\s+NOT\s+NULL|ALTER\s+COLUMN\s+\w+\s+(SET\s+DATA\s+)?TYPE)\b",
    re.IGNORECASE,
)


def scripts(connection: Connection) -> list[Script]:
    """All revisions, the newest first."""
    return list(ScriptDirectory.from_config(migrations.make_config(connection)).walk_revisions())


def contents(connection: Connection) -> dict[str, list[dict[str, Any]]]:
    """All rows of all tables."""
    names = connection.execute(
        text("SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'")
    ).scalars()
    return {
        name: [
            dict(row) for row in connection.exec_driver_sql(f"SELECT * FROM {name} ORDER BY 1, 2").mappings()
        ]
        for name in sorted(names)
    }


def use(engine: Engine, database_url: str) -> None:
    """All functions do their work on the database."""
    others = [make_engine(database_url, timeout_seconds=10, application_name="tests") for _ in range(3)]
    try:
        do_all_work(*others, owner=engine)
    finally:
        for other in others:
            other.dispose()


def test_each_revision_goes_back_and_forth_with_data_in_it(engine: Engine, database_url: str) -> None:
    use(engine, database_url)
    with transaction(engine) as connection:
        for script in scripts(connection):
            before = contents(connection)
            migrations.downgrade(connection, script.down_revision or "base")
            kept = contents(connection)
            command.upgrade(migrations.make_config(connection), script.revision)
            after = contents(connection)

            # Columns of both schemas are untouched; those of the newer one alone are lost, as was said.
            assert after.keys() == before.keys(), script.revision
            for table, rows in kept.items():
                columns = rows[0].keys() & before[table][0].keys() if rows else set()
                expected = [{column: row[column] for column in columns} for row in before[table]]
                assert [{column: row[column] for column in columns} for row in rows] == expected, table
            migrations.downgrade(connection, script.down_revision or "base")
        migrations.upgrade(connection)
    use(engine, database_url)


def test_this_release_works_on_the_schema_of_the_next(engine: Engine, database_url: str) -> None:
    """Between the migration and the last old environment, old code runs on the new schema (ADR 0033).

    The next schema is not known. It has, of each kind, what an expanding migration may add: a column that
    may be empty or has a default, an index, a table, a check that all rows fulfil.
    """
    with transaction(engine) as connection:
        for table in metadata.tables:
            connection.exec_driver_sql(f"ALTER TABLE {table} ADD COLUMN next_empty jsonb")
            connection.exec_driver_sql(f"ALTER TABLE {table} ADD COLUMN next_filled int NOT NULL DEFAULT 7")
            connection.exec_driver_sql(f"CREATE INDEX ix_next_{table} ON {table} (next_filled)")
            connection.exec_driver_sql(f"ALTER TABLE {table} ADD CONSTRAINT ck_next CHECK (next_filled = 7)")
        connection.exec_driver_sql("CREATE TABLE next_table (id uuid PRIMARY KEY)")

    use(engine, database_url)


def test_a_migration_that_takes_something_away_says_since_when_nobody_needs_it(engine: Engine) -> None:
    with transaction(engine) as connection:
        for script in scripts(connection):
            upgrade = getattr(script.module, "UPGRADE", "") + inspect.getsource(script.module.upgrade)
            if _CONTRACTS.search(upgrade):
                assert "Contracts:" in (script.module.__doc__ or ""), script.revision


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE events DROP COLUMN uid",
        "alter table events rename column uid to name",
        "ALTER TABLE events ALTER COLUMN uid SET NOT NULL",
        "ALTER TABLE events ALTER COLUMN sequence TYPE bigint",
        "ALTER TABLE events ALTER COLUMN sequence SET DATA TYPE bigint",
        "DROP TABLE outbox",
    ],
)
def test_what_takes_something_away_is_recognised(statement: str) -> None:
    assert _CONTRACTS.search(statement)


def test_what_adds_something_is_not_taken_for_that() -> None:
    added = "ALTER TABLE events ADD COLUMN colour text NOT NULL DEFAULT 'red'; CREATE TABLE renamed (id uuid)"
    assert not _CONTRACTS.search(added)

"""The schema: what the migrations make is what the models say, forth and back, however many run at once."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from convoke.database.engine import make_engine
from convoke.database.transactions import transaction
from convoke_migrator import migrations
from convoke_migrator.models import metadata
from sqlalchemy import Engine, text


def test_the_migrations_make_what_the_models_describe(engine: Engine) -> None:
    with transaction(engine) as connection:
        context = MigrationContext.configure(connection, opts={"compare_server_default": True})
        assert compare_metadata(context, metadata) == []


def test_the_key_of_users_answers_what_a_delivery_asks(engine: Engine) -> None:
    # Alembic does not compare what an index includes (docs/decisions/0036).
    with transaction(engine) as connection:
        made = connection.execute(text("SELECT pg_get_indexdef('pk_users'::regclass)")).scalar_one()
    assert made.endswith("(id) INCLUDE (locale, time_zone, muted_types, erased_at)")


def test_the_way_back_leaves_nothing(engine: Engine) -> None:
    with transaction(engine) as connection:
        command.downgrade(migrations.make_config(connection), "base")
        left = connection.execute(
            text("SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'")
        ).scalars()
        assert set(left) == {"alembic_version"}
        assert migrations.current(connection) == ""
        newest = migrations.upgrade(connection)
        assert newest == migrations.current(connection) != ""


def test_migrations_that_run_at_once_run_once(engine: Engine, database_url: str) -> None:
    with transaction(engine) as connection:
        command.downgrade(migrations.make_config(connection), "base")
    engine.dispose()

    def upgrade(_: int) -> str:
        own = make_engine(database_url, timeout_seconds=30, application_name="migrator")
        try:
            with transaction(own) as connection:
                return migrations.upgrade(connection)
        finally:
            own.dispose()

    with ThreadPoolExecutor(4) as pool:
        revisions = set(pool.map(upgrade, range(4)))
    with transaction(engine) as connection:
        assert revisions == {migrations.current(connection)}


@pytest.mark.parametrize("step", ["1 microsecond", "1 millisecond", "1 second", "5 years"])
def test_ids_sort_by_the_time_of_their_change(engine: Engine, step: str) -> None:
    with transaction(engine) as connection:
        ids = connection.execute(
            text("""
                SELECT uuid7_at(timestamptz '2026-11-24 07:00:00.123456+00' + place * CAST(:step AS interval))
                FROM generate_series(-10, 10) AS place ORDER BY place
            """),
            {"step": step},
        )
        found = list(ids.scalars())
    assert found == sorted(found)
    # RFC 9562, 4: the version is 7, the variant is 10.
    assert {(it.version, it.variant) for it in found} == {(7, "specified in RFC 4122")}


def test_ids_of_one_instant_differ(engine: Engine) -> None:
    with transaction(engine) as connection:
        ids = connection.execute(text("SELECT uuid7_at(now()) FROM generate_series(1, 1000)")).scalars().all()
    assert len(set(ids)) == 1000

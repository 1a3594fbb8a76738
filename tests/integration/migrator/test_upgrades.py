"""Upgrades convert the data that they find."""

from convoke.database.transactions import transaction
from convoke_migrator import migrations
from integration.worker.stage import add_users
from sqlalchemy import Engine, text


def test_erasures_of_before_are_looked_at_once_more_whatever_their_age(engine: Engine) -> None:
    with transaction(engine) as connection:
        migrations.downgrade(connection, "0001")
    erased = add_users(engine, 2, erased=True)
    add_users(engine, 2)
    with transaction(engine) as connection:
        connection.execute(
            text("UPDATE users SET erased_at = now() - interval '90 days' WHERE id = :id"), {"id": erased[0]}
        )
        migrations.upgrade(connection)

    with transaction(engine) as connection:
        found = connection.execute(
            text("""
                SELECT erasures.user_id, erasures.erased_at = users.erased_at, next_step_at <= now()
                FROM erasures JOIN users ON users.id = user_id ORDER BY erasures.erased_at
            """)
        )
        assert [tuple(row) for row in found] == [(user_id, True, True) for user_id in erased]


def test_a_downgrade_writes_read_marks_into_their_rows(engine: Engine) -> None:
    (person,) = add_users(engine)
    with transaction(engine) as connection:
        connection.execute(
            text("""
                INSERT INTO notifications
                    (user_id, id, event_id, type, title, message, created_at, written_at)
                SELECT :id, uuid7_at(at), gen_random_uuid(), 'event_updated', 't', 'm', at, at
                FROM (VALUES (now() - interval '2 hours'), (now())) AS fact (at)
            """),
            {"id": person},
        )
        connection.execute(
            text("INSERT INTO read_marks VALUES (:id, now() - interval '1 hour', now(), now())"),
            {"id": person},
        )
        migrations.downgrade(connection, "0001")
        read = connection.execute(
            text("SELECT read_at IS NOT NULL FROM notifications ORDER BY written_at")
        ).scalars()
        assert list(read) == [True, False]

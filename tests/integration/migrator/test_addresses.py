"""Revision 0002 carries over who was invited by which address, and who has shown the name to whom."""

from typing import Any

from alembic import command
from convoke.database.transactions import transaction
from convoke_migrator import migrations
from sqlalchemy import Connection, Engine, text

_FILL = """
INSERT INTO users (id, subject_hash, email, email_key, erased_at) VALUES
    ('00000000-0000-0000-0000-00000000000a', 'anna', 'anna@example.org', 'anna@example.org', NULL),
    ('00000000-0000-0000-0000-00000000000b', 'boris', 'Boris@b.example', 'boris@b.example', NULL),
    ('00000000-0000-0000-0000-00000000000c', NULL, 'c@xn--9ca.example', 'c@xn--9ca.example', NULL),
    ('00000000-0000-0000-0000-00000000000d', 'dora', 'd@é.example', 'd@é.example', NULL),
    ('00000000-0000-0000-0000-00000000000e', NULL, 'd@xn--9ca.example', 'd@xn--9ca.example', NULL),
    ('00000000-0000-0000-0000-00000000000f', NULL, 'f@xn--a.example', 'f@xn--a.example', NULL),
    ('00000000-0000-0000-0000-000000000010', 'erased', NULL, NULL, now());
INSERT INTO events (id, organizer_id, title, starts_at, ends_at, all_day, time_zone, uid, sequence,
                    reminder_minutes)
VALUES ('10000000-0000-0000-0000-000000000000', '00000000-0000-0000-0000-00000000000a', 'T', now(), now(),
        false, 'UTC', 'uid', 0, '{}');
INSERT INTO event_participants (event_id, user_id, invited_by_email, responded_at)
SELECT '10000000-0000-0000-0000-000000000000', id, subject_hash IS DISTINCT FROM 'boris',
       CASE WHEN subject_hash IN ('boris', 'erased') THEN now() END
FROM users;
"""


def select(connection: Connection, statement: str) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in connection.execute(text(statement))]


def test_what_was_invited_by_address_keeps_the_address_in_its_one_form(engine: Engine) -> None:
    with transaction(engine) as connection:
        migrations.downgrade(connection, "0001")
        for statement in _FILL.strip().split(";\n"):
            connection.exec_driver_sql(statement)
        command.upgrade(migrations.make_config(connection), "0002")

        short = "right(user_id::text, 2)"
        assert select(
            connection, f"SELECT {short}, invited_address FROM event_participants ORDER BY user_id"
        ) == [
            ("0a", "anna@example.org"),
            ("0b", None),
            ("0c", "c@é.example"),
            ("0d", "d@é.example"),
            ("0e", "d@é.example"),
            ("0f", "f@xn--a.example"),
            ("10", None),
        ]
        assert select(connection, "SELECT right(id::text, 2), email_key FROM users ORDER BY id") == [
            ("0a", "anna@example.org"),
            ("0b", "boris@b.example"),
            ("0c", "c@é.example"),
            ("0d", "d@é.example"),
            ("0e", None),
            ("0f", None),
            ("10", None),
        ]
        # The relay merges the person who waited under the other form of Dora's address.
        assert select(
            connection, f"SELECT email_key, {short}, taken_at IS NOT NULL FROM former_addresses"
        ) == [("d@é.example", "0e", True)]
        assert select(connection, f"SELECT right(organizer_id::text, 2), {short} FROM acquaintances") == [
            ("0a", "0b")
        ]

        migrations.downgrade(connection, "0001")
        assert select(
            connection, f"SELECT {short} FROM event_participants WHERE NOT invited_by_email ORDER BY 1"
        ) == [("0b",), ("10",)]
        migrations.upgrade(connection)

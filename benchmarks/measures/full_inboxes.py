"""Fills a table of notifications as months of use do, with one person who has read nothing."""

from uuid import UUID

from convoke.database.transactions import autocommit, transaction
from convoke.embedding import mark_name
from sqlalchemy import Engine, text

#: Each wave goes to the heavy user and to this number of others: the next ones in the order of their ids.
_OTHERS = 99
_SLICES = 1_112
#: The heavy user, and everybody else.
PEOPLE = 1 + _OTHERS * _SLICES

_NUMBER_PEOPLE = text("""
CREATE TABLE recipients AS
SELECT id, row_number() OVER (ORDER BY id) - 1 AS number FROM users WHERE id <> :heavy_user
""")

# Wave by wave, as the worker writes: one person's rows are spread over the whole table. Nine in ten
# notifications have been read, except the heavy user's.
_FILL = text(f"""
WITH waves AS MATERIALIZED (
    SELECT uuid7_at(at) AS id, gen_random_uuid() AS event_id, at,
           mod(number, :slices) * :others AS first,
           (SELECT id FROM recipients WHERE recipients.number = mod(waves.number * 7919, :slices)) AS actor_id
    FROM (SELECT number, now() - interval '90 days' * (1 - number / CAST(:waves AS float8)) AS at
          FROM generate_series(CAST(1 AS bigint), :waves) AS number) AS waves
)
INSERT INTO notifications
    (user_id, id, event_id, type, title, message, actor_id, created_at, written_at, read_at)
SELECT recipient.id, waves.id, waves.event_id, 'event_invited', 'Новое приглашение',
       'Вас пригласили на встречу «Планёрка». Организатор: {mark_name("кто-то")}. '
       'Когда: 5 марта 2026 г., 14:30–15:30 (UTC+3).',
       waves.actor_id, waves.at, waves.at, CASE WHEN mod(recipient.number, 10) > 0 THEN waves.at END
FROM waves CROSS JOIN LATERAL (
    SELECT CAST(:heavy_user AS uuid) AS id, CAST(0 AS bigint) AS number
    UNION ALL
    SELECT id, number FROM recipients
    WHERE number >= waves.first AND number < waves.first + :others
) AS recipient
""")  # noqa: S608 - a constant of ours


def fill_inboxes(engine: Engine, heavy_user: UUID, *, waves: int) -> int:
    """Write `waves` waves of a hundred recipients, always including the heavy user; return the rows.

    There are PEOPLE users. The indexes exist before, and the tables are vacuumed and analysed afterwards, as
    in production.
    """
    with transaction(engine) as connection:
        connection.execute(_NUMBER_PEOPLE, {"heavy_user": heavy_user})
        connection.execute(text("ALTER TABLE recipients ADD PRIMARY KEY (number)"))
    with autocommit(engine) as connection:
        connection.execute(text("VACUUM (ANALYZE) recipients"))
        rows = connection.execute(
            _FILL, {"heavy_user": heavy_user, "waves": waves, "slices": _SLICES, "others": _OTHERS}
        ).rowcount
        connection.execute(text("VACUUM (ANALYZE) notifications"))
        connection.execute(text("CHECKPOINT"))
    return rows

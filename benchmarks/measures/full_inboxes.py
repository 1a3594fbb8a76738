"""A table of notifications as months of use leave it, with one person who has read nothing."""

from uuid import UUID

from convoke.database.transactions import autocommit, transaction
from convoke.embedding import mark_name
from sqlalchemy import Engine, text

#: Of each fact the heavy user is told, and so many others: the next ones in the order of their ids.
_OTHERS = 99
_SLICES = 1_112
#: The heavy user, and everybody else.
PEOPLE = 1 + _OTHERS * _SLICES

_NUMBER_PEOPLE = text("""
CREATE TABLE readers AS
SELECT id, row_number() OVER (ORDER BY id) - 1 AS number FROM users WHERE id <> :heavy_user
""")

# Payload by fact, as the worker writes: what one person gets is spread over the whole table. Nine in ten
# notifications have been read, but for the heavy user's.
_FILL = text(f"""
WITH facts AS MATERIALIZED (
    SELECT uuid7_at(at) AS id, gen_random_uuid() AS event_id, at,
           mod(number, :slices) * :others AS first,
           (SELECT id FROM readers WHERE readers.number = mod(facts.number * 7919, :slices)) AS actor_id
    FROM (SELECT number, now() - interval '90 days' * (1 - number / CAST(:facts AS float8)) AS at
          FROM generate_series(CAST(1 AS bigint), :facts) AS number) AS facts
)
INSERT INTO notifications
    (user_id, id, event_id, type, title, message, actor_id, created_at, written_at, read_at)
SELECT reader.id, facts.id, facts.event_id, 'event_invited', 'Новое приглашение',
       'Вас пригласили на встречу «Планёрка». Организатор: {mark_name("кто-то")}. '
       'Когда: 5 марта 2026 г., 14:30–15:30 (UTC+3).',
       facts.actor_id, facts.at, facts.at, CASE WHEN mod(reader.number, 10) > 0 THEN facts.at END
FROM facts CROSS JOIN LATERAL (
    SELECT CAST(:heavy_user AS uuid) AS id, CAST(0 AS bigint) AS number
    UNION ALL
    SELECT id, number FROM readers
    WHERE number >= facts.first AND number < facts.first + :others
) AS reader
""")  # noqa: S608 - a constant of ours


def fill_inboxes(engine: Engine, heavy_user: UUID, *, facts: int) -> int:
    """Tell `facts` facts to a hundred people each, the heavy user always among them; returns the rows.

    The users are PEOPLE in number. The indexes are there before, and everything is vacuumed and analysed
    after it, as it is in production.
    """
    with transaction(engine) as connection:
        connection.execute(_NUMBER_PEOPLE, {"heavy_user": heavy_user})
        connection.execute(text("ALTER TABLE readers ADD PRIMARY KEY (number)"))
    with autocommit(engine) as connection:
        connection.execute(text("VACUUM (ANALYZE) readers"))
        rows = connection.execute(
            _FILL, {"heavy_user": heavy_user, "facts": facts, "slices": _SLICES, "others": _OTHERS}
        ).rowcount
        connection.execute(text("VACUUM (ANALYZE) notifications"))
        connection.execute(text("CHECKPOINT"))
    return rows

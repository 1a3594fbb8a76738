"""The two statements of a delivery, in the transaction of the caller.

`lock_undelivered` takes the locks in id order, so that overlapping batches cannot deadlock; a delivery that waited
finds the row delivered. `claim` has a snapshot taken after that: it marks the rows and writes the notifications
in one breath, or, when it meets readers for whom no text is there, changes nothing and names them.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from convoke.database.arrays import uuid_array
from convoke.outbox import select_reminded
from sqlalchemy import Connection, text

from convoke_worker.locales import Form, Reader
from convoke_worker.outcomes import Delivery, Outcome
from convoke_worker.rendering.texts import Text

_LOCK_UNDELIVERED = text("""
SELECT outbox.id, outbox.type, outbox.payload, outbox.recipient_ids IS NULL AS everybody,
       CAST(extract(epoch FROM clock_timestamp() - outbox.due_at) * 1000 AS float8) AS age_ms
FROM outbox
WHERE outbox.id = ANY (CAST(:ids AS uuid[]))
  AND outbox.delivered_at IS NULL AND outbox.cancelled_at IS NULL AND outbox.due_at <= now()
ORDER BY outbox.id
FOR UPDATE
""").execution_options(prepared=True)

# Each row asks once whether anybody blocks its actor; only then is each reader asked. OFFSET 0 keeps the
# planner from hashing the whole table.
# Sorted before the join with users: their index is then read in order, and so is the key of notifications
# written. Whatever the statistics say, the small sides (texts, forms) are hashed, and the order is kept.
_CLAIM = """
WITH owed AS MATERIALIZED (
    SELECT outbox.id, outbox.event_id, outbox.type, claimed.actor_id,
           CASE outbox.type WHEN 'event_reminder' THEN outbox.due_at ELSE outbox.created_at END AS fact_at,
           EXISTS (SELECT FROM blocks WHERE blocks.blocked_id = claimed.actor_id OFFSET 0) AS is_blocked,
           coalesce(outbox.recipient_ids, ARRAY(
               {reminded}
           )) AS recipient_ids
    FROM jsonb_to_recordset(CAST(:claimed AS jsonb)) AS claimed (id uuid, actor_id uuid)
    JOIN outbox ON outbox.id = claimed.id
), forms AS MATERIALIZED (
    SELECT * FROM jsonb_to_recordset(CAST(:forms AS jsonb)) AS forms (locale text, time_zone text, form int)
), texts AS MATERIALIZED (
    SELECT texts.id, texts.form, texts.title, texts.message,
           owed.event_id, owed.type, owed.actor_id, owed.fact_at
    FROM jsonb_to_recordset(CAST(:texts AS jsonb)) AS texts (id uuid, form int, title text, message text)
    JOIN owed ON owed.id = texts.id
), readers AS MATERIALIZED (
    SELECT users.id AS user_id, owed.id, forms.form,
           CASE WHEN forms.form IS NULL THEN coalesce(users.locale, '') END AS locale,
           CASE WHEN forms.form IS NULL THEN coalesce(users.time_zone, '') END AS time_zone,
           owed.type <> 'event_cancelled' AND owed.type = ANY (users.muted_types)
               OR CASE WHEN owed.is_blocked THEN
                   EXISTS (SELECT FROM blocks
                           WHERE blocks.user_id = users.id AND blocks.blocked_id = owed.actor_id OFFSET 0)
                  ELSE false END AS muted
    FROM (
        SELECT owed.id, owed.type, owed.actor_id, owed.is_blocked, recipient.id AS user_id
        FROM owed CROSS JOIN unnest(owed.recipient_ids) AS recipient (id)
        WHERE recipient.id IS DISTINCT FROM owed.actor_id
        ORDER BY recipient.id, owed.id
    ) AS owed
    JOIN users ON users.id = owed.user_id
    LEFT JOIN forms ON forms.locale = coalesce(users.locale, '')
                   AND forms.time_zone = coalesce(users.time_zone, '')
    WHERE users.erased_at IS NULL
), counts AS MATERIALIZED (
    SELECT id, count(*) FILTER (WHERE NOT muted) AS written, count(*) FILTER (WHERE muted) AS muted,
           bool_or(form IS NULL AND NOT muted) AS unrendered
    FROM readers GROUP BY id
), complete AS MATERIALIZED (
    SELECT CAST(:final AS boolean) OR NOT coalesce(bool_or(unrendered), false) AS complete FROM counts
), written AS (
    INSERT INTO notifications
        (user_id, id, event_id, type, title, message, actor_id, created_at, written_at)
    SELECT readers.user_id, readers.id, texts.event_id, texts.type, texts.title, texts.message,
           texts.actor_id, texts.fact_at, clock_timestamp()
    FROM readers
    JOIN texts ON texts.id = readers.id AND texts.form = coalesce(readers.form, 0)
    WHERE NOT readers.muted AND (SELECT complete FROM complete)
    {on_conflict}
), marked AS (
    UPDATE outbox
    SET delivered_at = clock_timestamp(), failed_at = NULL, failure = NULL,
        written = coalesce(counts.written, 0), muted = coalesce(counts.muted, 0)
    FROM owed LEFT JOIN counts ON counts.id = owed.id
    WHERE outbox.id = owed.id AND (SELECT complete FROM complete)
    RETURNING outbox.id, outbox.written, outbox.muted
)
SELECT 'delivered' AS kind, id, written, muted, NULL AS locale, NULL AS time_zone
FROM marked
UNION ALL
SELECT CASE WHEN outbox.id IS NULL THEN 'missing' WHEN outbox.delivered_at IS NOT NULL THEN 'duplicate'
            WHEN outbox.cancelled_at IS NOT NULL THEN 'cancelled' ELSE 'early' END,
       other.id, 0, 0, NULL, NULL
FROM unnest(CAST(:others AS uuid[])) AS other (id) LEFT JOIN outbox ON outbox.id = other.id
UNION ALL
(SELECT DISTINCT 'unrendered', CAST(NULL AS uuid), 0, 0, locale, time_zone
 FROM readers WHERE form IS NULL AND NOT muted AND NOT (SELECT complete FROM complete))
"""

_REMINDED = select_reminded("outbox.event_id")
# Speculative insertion costs a tenth of the throughput. The locks and `delivered_at` keep the key free,
# so only the delivery of a single row, to which a batch falls back, looks before it inserts.
_CLAIM_BATCH = text(_CLAIM.format(on_conflict="", reminded=_REMINDED)).execution_options(prepared=True)
_CLAIM_TOLERANTLY = text(
    _CLAIM.format(on_conflict="ON CONFLICT (user_id, id) DO NOTHING", reminded=_REMINDED)
)


@dataclass(frozen=True, slots=True)
class UndeliveredRow:
    """A locked row: what its texts are made of. `everybody`: recipients are resolved by the claim."""

    id: UUID
    type: str
    payload: Any
    everybody: bool
    #: How long it had been due when it was found.
    age_ms: float


@dataclass(frozen=True, slots=True)
class Claim:
    """What the claim did: the end of each row, or nothing but the readers that it had no text for."""

    deliveries: Sequence[Delivery] = ()
    unrendered: Sequence[Reader] = field(default_factory=list)


def lock_undelivered(connection: Connection, outbox_ids: Iterable[UUID]) -> list[UndeliveredRow]:
    """Lock the rows among `outbox_ids` that may be delivered; failed ones too: a redrive sends them."""
    rows = connection.execute(_LOCK_UNDELIVERED, {"ids": uuid_array(outbox_ids)})
    return [UndeliveredRow(*row) for row in rows]


def claim(
    connection: Connection,
    actors: Mapping[UUID, UUID | None],
    others: Iterable[UUID],
    forms: Mapping[Reader, Form],
    texts: Mapping[tuple[UUID, Form], Text],
    *,
    default: Form,
    final: bool,
    tolerant: bool,
) -> Claim:
    """Deliver the locked rows, the keys of `actors`, each with who is not told of it.

    `others` are looked up, to say why they were not locked. `texts` holds every row in every form in
    `forms` and in `default`, which is what unknown readers get when the claim is `final`. `tolerant`:
    notifications that are there already are left as they are.
    """
    numbers = {form: number for number, form in enumerate(dict.fromkeys((default, *forms.values())))}
    rows = connection.execute(
        _CLAIM_TOLERANTLY if tolerant else _CLAIM_BATCH,
        {
            "claimed": _json(
                {"id": str(row), "actor_id": actor and str(actor)} for row, actor in actors.items()
            ),
            "others": uuid_array(others),
            "forms": _json(
                {"locale": locale, "time_zone": zone, "form": numbers[form]}
                for (locale, zone), form in forms.items()
            ),
            "texts": _json(
                {"id": str(row), "form": numbers[form], "title": words.title, "message": words.message}
                for (row, form), words in texts.items()
            ),
            "final": "true" if final else "false",
        },
    )
    deliveries, unrendered = [], []
    for kind, outbox_id, written, muted, locale, time_zone in rows:
        if kind == "unrendered":
            unrendered.append((locale, time_zone))
        else:
            deliveries.append(Delivery(outbox_id, Outcome(kind), written, muted))
    return Claim(unrendered=unrendered) if unrendered else Claim(deliveries)


def _json(objects: Iterable[Mapping[str, object]]) -> str:
    # Unescaped: a Russian letter has two bytes, not six.
    return json.dumps(list(objects), ensure_ascii=False, separators=(",", ":"))

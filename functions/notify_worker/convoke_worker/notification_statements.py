"""Claims outbox rows and writes their notifications: the two statements of a delivery.

Both run in the caller's transaction. `lock_undelivered` takes the locks in id order, so that overlapping
batches cannot deadlock; a delivery that waited for a lock finds the row delivered. `claim` has a snapshot
taken after that: it marks the rows and writes the notifications in one statement. When a recipient's locale
is not among the rendered ones, it changes nothing and returns the missing locales.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from convoke.database.arrays import uuid_array
from convoke.notifications import NotificationType, Recipients, list_types
from convoke.outbox import select_reminded
from sqlalchemy import Connection, text

from convoke_worker.locales import Locale, StoredLocale
from convoke_worker.outcomes import Outcome, RowOutcome
from convoke_worker.rendering.texts import Text

_LOCK_UNDELIVERED = text("""
SELECT outbox.id, outbox.type, outbox.payload, outbox.recipient_ids IS NOT NULL AS has_recipient_ids,
       CAST(extract(epoch FROM clock_timestamp() - outbox.due_at) * 1000 AS float8) AS age_ms
FROM outbox
WHERE outbox.id = ANY (CAST(:ids AS uuid[]))
  AND outbox.delivered_at IS NULL AND outbox.cancelled_at IS NULL AND outbox.due_at <= now()
ORDER BY outbox.id
FOR UPDATE
""").execution_options(prepared=True)


_DATED_BY_DUE_AT = list_types(it for it in NotificationType if it.recipients is Recipients.RESOLVED_AT_CLAIM)
_NEVER_MUTED = list_types(it for it in NotificationType if not it.may_be_muted)

# One look-up for each row tells whether anybody blocks its actor; only then is each recipient's block looked
# up. OFFSET 0 keeps the planner from hashing the whole table.
# Sorted before the join with users: their index is then read in order, and so is the key of notifications
# written. Whatever the statistics are, the small sides (texts, locales) are hashed, and the order is kept.
_CLAIM = f"""
WITH claimed_rows AS MATERIALIZED (
    SELECT outbox.id, outbox.event_id, outbox.type, claimed.actor_id,
           CASE WHEN outbox.type IN ({_DATED_BY_DUE_AT}) THEN outbox.due_at
                ELSE outbox.created_at END AS dated_at,
           EXISTS (SELECT FROM blocks WHERE blocks.blocked_id = claimed.actor_id OFFSET 0) AS is_blocked,
           coalesce(outbox.recipient_ids, ARRAY(
               {select_reminded("outbox.event_id")}
           )) AS recipient_ids
    FROM jsonb_to_recordset(CAST(:claimed AS jsonb)) AS claimed (id uuid, actor_id uuid)
    JOIN outbox ON outbox.id = claimed.id
), locales AS MATERIALIZED (
    SELECT * FROM jsonb_to_recordset(CAST(:locales AS jsonb))
                  AS locales (locale text, time_zone text, number int)
), texts AS MATERIALIZED (
    SELECT texts.id, texts.locale_number, texts.title, texts.message,
           claimed_rows.event_id, claimed_rows.type, claimed_rows.actor_id, claimed_rows.dated_at
    FROM jsonb_to_recordset(CAST(:texts AS jsonb))
         AS texts (id uuid, locale_number int, title text, message text)
    JOIN claimed_rows ON claimed_rows.id = texts.id
), recipients AS MATERIALIZED (
    SELECT users.id AS user_id, named.id, locales.number AS locale_number,
           CASE WHEN locales.number IS NULL THEN coalesce(users.locale, '') END AS locale,
           CASE WHEN locales.number IS NULL THEN coalesce(users.time_zone, '') END AS time_zone,
           named.type NOT IN ({_NEVER_MUTED}) AND named.type = ANY (users.muted_types)
               OR CASE WHEN named.is_blocked THEN
                   EXISTS (SELECT FROM blocks
                           WHERE blocks.user_id = users.id AND blocks.blocked_id = named.actor_id OFFSET 0)
                  ELSE false END AS muted
    FROM (
        SELECT claimed_rows.id, claimed_rows.type, claimed_rows.actor_id, claimed_rows.is_blocked,
               recipient.id AS user_id
        FROM claimed_rows CROSS JOIN unnest(claimed_rows.recipient_ids) AS recipient (id)
        WHERE recipient.id IS DISTINCT FROM claimed_rows.actor_id
        ORDER BY recipient.id, claimed_rows.id
    ) AS named
    JOIN users ON users.id = named.user_id
    LEFT JOIN locales ON locales.locale = coalesce(users.locale, '')
                     AND locales.time_zone = coalesce(users.time_zone, '')
    WHERE users.erased_at IS NULL
), counts AS MATERIALIZED (
    SELECT id, count(*) FILTER (WHERE NOT muted) AS written, count(*) FILTER (WHERE muted) AS muted,
           bool_or(locale_number IS NULL AND NOT muted) AS unrendered
    FROM recipients GROUP BY id
), complete AS MATERIALIZED (
    SELECT CAST(:final AS boolean) OR NOT coalesce(bool_or(unrendered), false) AS complete FROM counts
), written AS (
    INSERT INTO notifications
        (user_id, id, event_id, type, title, message, actor_id, created_at, written_at)
    SELECT recipients.user_id, recipients.id, texts.event_id, texts.type, texts.title, texts.message,
           texts.actor_id, texts.dated_at, clock_timestamp()
    FROM recipients
    JOIN texts ON texts.id = recipients.id AND texts.locale_number = coalesce(recipients.locale_number, 0)
    WHERE NOT recipients.muted AND (SELECT complete FROM complete)
    {{on_conflict}}
), marked AS (
    UPDATE outbox
    SET delivered_at = clock_timestamp(), failed_at = NULL, failure = NULL,
        written = coalesce(counts.written, 0), muted = coalesce(counts.muted, 0)
    FROM claimed_rows LEFT JOIN counts ON counts.id = claimed_rows.id
    WHERE outbox.id = claimed_rows.id AND (SELECT complete FROM complete)
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
(SELECT DISTINCT 'unknown_locale', CAST(NULL AS uuid), 0, 0, locale, time_zone
 FROM recipients WHERE locale_number IS NULL AND NOT muted AND NOT (SELECT complete FROM complete))
"""  # noqa: S608 - constants only

# Speculative insertion costs a tenth of the throughput. The locks and `delivered_at` keep the key free, so
# ON CONFLICT is used only in the delivery of a single row, to which a batch falls back.
_CLAIM_BATCH = text(_CLAIM.format(on_conflict="")).execution_options(prepared=True)
_CLAIM_TOLERANTLY = text(_CLAIM.format(on_conflict="ON CONFLICT (user_id, id) DO NOTHING"))


@dataclass(frozen=True, slots=True)
class UndeliveredRow:
    """A locked outbox row, as far as its texts need it."""

    id: UUID
    type: str
    payload: Any
    #: Without them the recipients are resolved at the claim.
    has_recipient_ids: bool
    #: How long it had been due when it was locked.
    age_ms: float


@dataclass(frozen=True, slots=True)
class Claim:
    """The result of a claim: the outcome of each row, or nothing but the locales that were not rendered."""

    outcomes: Sequence[RowOutcome] = ()
    unknown_locales: Sequence[StoredLocale] = field(default_factory=list)


def lock_undelivered(connection: Connection, outbox_ids: Iterable[UUID]) -> list[UndeliveredRow]:
    """Lock the rows among `outbox_ids` that may be delivered; failed ones too: a redrive sends them."""
    rows = connection.execute(_LOCK_UNDELIVERED, {"ids": uuid_array(outbox_ids)})
    return [UndeliveredRow(*row) for row in rows]


def claim(
    connection: Connection,
    excluded_actors: Mapping[UUID, UUID | None],
    others: Iterable[UUID],
    locales: Mapping[StoredLocale, Locale],
    texts: Mapping[tuple[UUID, Locale], Text],
    *,
    default: Locale,
    final: bool,
    tolerant: bool,
) -> Claim:
    """Mark the locked rows as delivered and write their notifications.

    `excluded_actors` holds, by the ids of the locked rows, the actor who gets no notification, or None.
    `others` are looked up, to find out why they were not locked. `texts` holds every row in every locale of
    `locales` and in `default`, which recipients with another locale get when the claim is `final`. When it is
    `tolerant`, notifications that exist already are left as they are.
    """
    numbers = {locale: number for number, locale in enumerate(dict.fromkeys((default, *locales.values())))}
    rows = connection.execute(
        _CLAIM_TOLERANTLY if tolerant else _CLAIM_BATCH,
        {
            "claimed": _json(
                {"id": str(row), "actor_id": actor and str(actor)} for row, actor in excluded_actors.items()
            ),
            "others": uuid_array(others),
            "locales": _json(
                {"locale": tag, "time_zone": zone, "number": numbers[locale]}
                for (tag, zone), locale in locales.items()
            ),
            "texts": _json(
                {
                    "id": str(row),
                    "locale_number": numbers[locale],
                    "title": rendered.title,
                    "message": rendered.message,
                }
                for (row, locale), rendered in texts.items()
            ),
            "final": "true" if final else "false",
        },
    )
    outcomes, unknown_locales = [], []
    for kind, outbox_id, written, muted, tag, time_zone in rows:
        if kind == "unknown_locale":
            unknown_locales.append((tag, time_zone))
        else:
            outcomes.append(RowOutcome(outbox_id, Outcome(kind), written, muted))
    return Claim(unknown_locales=unknown_locales) if unknown_locales else Claim(outcomes)


def _json(objects: Iterable[Mapping[str, object]]) -> str:
    # Unescaped: a Russian letter has two bytes, not six.
    return json.dumps(list(objects), ensure_ascii=False, separators=(",", ":"))

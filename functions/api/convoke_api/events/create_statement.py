"""Creates an event in one statement: checks, writes and result in one round trip.

Each statement is a round trip at least, so there is one, in autocommit: the event, its participants, its
outbox rows and the idempotency record are committed together, or none of them is.

The plan is made once, possibly on empty tables (docs/decisions/0035), and must be fast when they have grown.
So a subquery on a table that grows gets its values from scalar subqueries, not from a join: that leaves the
planner only the index scan, whatever the size of the table.

Parameters: `request`, a JSON object with the columns that CTE `request` lists; those of RESOLVE_PEOPLE.

Returns one row. `outcome` is one of
  created      the event's columns, its first participants and the outbox rows to send (`rows_to_send`)
  replay       the key was used for this very request; `resource_id` is the event that it created
  key_reused   the key was used for another request
  in_progress  another request is using the key right now
  raced        the key was used, or an address got a user, since this statement's snapshot: run it again
  refused      the parameter `refused` is true: the request cannot be accepted, and is not a replay
  uid_taken    the caller organizes an event with this uid
  no_user      the caller is new, or the token says another address: provision, then run it again
  unknown_ids  some participant_ids are unknown user ids
  …            a refusal of the charge (`convoke_api.outbox.quotas.is_refusal`), with `retry_after_seconds`
"""

from convoke.domain import KEY_LIFETIME
from sqlalchemy import text

from convoke_api.events.columns import EVENT_COLUMNS, define_columns, name_columns, select_columns
from convoke_api.idempotency.stored_results import try_lock_key
from convoke_api.outbox.quotas import CHARGE
from convoke_api.outbox.statements import INSERT_OUTBOX_ROWS, INSERT_REMINDERS, request_record, rows_to_send
from convoke_api.people.statements import RESOLVE_PEOPLE, WHEN_UNKNOWN_IDS, participants_when
from convoke_api.people.users import has_other_claims
from convoke_api.people.visibility import SHOWN_EMAIL, SHOWN_NAME, verified_email

_REQUEST_COLUMNS = f"""
        subject_hash text, issued_at timestamptz, email text, verified_email_key text,
        scope text, key text, request_hash text, refused boolean,
        {define_columns(EVENT_COLUMNS)},
        default_time_zone text, create_quota integer, create_quota_seconds integer"""
_EVENT_VALUES = select_columns(
    EVENT_COLUMNS,
    "request",
    time_zone="coalesce(request.time_zone, caller.time_zone)",
    uid="coalesce(request.uid, new_event_id.id::text)",
)

CREATE_EVENT = text(f"""
WITH {request_record(_REQUEST_COLUMNS)},
caller AS MATERIALIZED (
    SELECT users.id, users.full_name, {verified_email("users")} AS email,
           coalesce(users.time_zone, request.default_time_zone) AS time_zone
    FROM request JOIN users ON users.subject_hash = request.subject_hash
    WHERE users.erased_at IS NULL AND users.tokens_valid_from < request.issued_at
      AND NOT {has_other_claims("request.email", "request.verified_email_key", "request.issued_at")}
    -- Waits for an erasure that is under way, and then finds nobody. The foreign key takes this lock anyway.
    FOR KEY SHARE OF users
),

-- A second request with the key at the same time does not wait: its outcome is in_progress.
key_lock AS MATERIALIZED (
    SELECT {try_lock_key("caller.id", "request.scope", "request.key")} AS held
    FROM request, caller
    WHERE request.key IS NOT NULL
),
earlier AS MATERIALIZED (
    SELECT record.request_hash, record.resource_id
    FROM request, caller, idempotency_records AS record
    WHERE record.user_id = caller.id AND record.scope = request.scope AND record.key = request.key
      AND record.created_at > now() - interval '{KEY_LIFETIME}'
),

{RESOLVE_PEOPLE},

checked AS MATERIALIZED (
    SELECT CASE
        WHEN NOT EXISTS (SELECT FROM caller) THEN 'no_user'
        WHEN EXISTS (SELECT FROM key_lock WHERE NOT held) THEN 'in_progress'
        WHEN EXISTS (SELECT FROM earlier, request
                     WHERE earlier.request_hash <> decode(request.request_hash, 'hex')) THEN 'key_reused'
        WHEN EXISTS (SELECT FROM earlier) THEN 'replay'
        WHEN (SELECT refused FROM request) THEN 'refused'
        WHEN EXISTS (SELECT FROM events
                     WHERE (SELECT uid FROM request) IS NOT NULL
                       AND events.organizer_id = (SELECT id FROM caller)
                       AND events.uid = (SELECT uid FROM request)) THEN 'uid_taken'
        {WHEN_UNKNOWN_IDS}
        ELSE 'created'
    END AS outcome
),
act AS MATERIALIZED (
    SELECT caller.id AS actor_id,
           CASE WHEN request.notify_ended OR request.ends_at > now() THEN
               (SELECT count(DISTINCT known_people.id) FROM known_people WHERE known_people.id <> caller.id)
               + (SELECT count(*) FROM addresses) - (SELECT count(invited_address) FROM known_people)
           ELSE 0 END AS recipients,
           request.create_quota, request.create_quota_seconds
    FROM checked, request, caller
    WHERE checked.outcome = 'created'
),
{CHARGE},
decision AS MATERIALIZED (
    SELECT coalesce(charge.refusal, checked.outcome) AS outcome, charge.retry_after_seconds
    FROM checked LEFT JOIN charge ON true
),

-- The statement writes from here on. The record is inserted before the event: without it there is no event.
{participants_when("created")},
new_event_id AS MATERIALIZED (
    SELECT uuid7_at(now()) AS id FROM decision, resolved
    WHERE decision.outcome = 'created' AND resolved.all_addresses
),
record AS (
    INSERT INTO idempotency_records AS record (user_id, scope, key, request_hash, status, resource_id)
    SELECT caller.id, request.scope, request.key, decode(request.request_hash, 'hex'), 201, new_event_id.id
    FROM request, caller, new_event_id
    WHERE request.key IS NOT NULL
    ON CONFLICT (user_id, scope, key) DO UPDATE
    SET request_hash = excluded.request_hash, resource_id = excluded.resource_id, created_at = now()
    WHERE record.created_at <= now() - interval '{KEY_LIFETIME}'
    RETURNING record.user_id
),
event AS (
    INSERT INTO events (id, organizer_id, {name_columns(EVENT_COLUMNS)})
    SELECT new_event_id.id, caller.id, {_EVENT_VALUES}
    FROM request, caller, new_event_id
    WHERE request.key IS NULL OR EXISTS (SELECT FROM record)
    RETURNING *
),
invited AS (
    INSERT INTO event_participants (event_id, user_id, invited_address)
    SELECT event.id, participants.id, participants.invited_address
    FROM event, participants
    ORDER BY participants.id
),
change AS MATERIALIZED (
    SELECT 'event_invited' AS type, jsonb_build_object('actor_id', organizer_id) AS payload, created_at AS at
    FROM event
),
-- The actor is not notified of the own act.
recipients AS (
    SELECT participants.id FROM caller, participants WHERE participants.id <> caller.id
),
{INSERT_OUTBOX_ROWS},
{INSERT_REMINDERS},
-- The statement that runs again after a race is charged anew.
refunded AS MATERIALIZED (
    SELECT refund_quotas(act.actor_id, act.recipients) FROM act, decision
    WHERE decision.outcome = 'created' AND NOT EXISTS (SELECT FROM event)
)

SELECT CASE WHEN EXISTS (SELECT FROM refunded) THEN 'raced' ELSE decision.outcome END AS outcome,
       (SELECT resource_id FROM earlier) AS resource_id,
       decision.retry_after_seconds,
       event.*,
       caller.full_name AS organizer_full_name,
       caller.email AS organizer_email,
       (SELECT 'needs_action' FROM participants WHERE participants.id = caller.id) AS my_response_status,
       (SELECT count(*) FROM participants) AS total,
       (SELECT count(*) FROM participants) AS needs_action,
       0 AS accepted, 0 AS declined, 0 AS tentative,
       (SELECT coalesce(jsonb_agg(jsonb_build_object(
                    'user_id', part.user_id, 'email', {SHOWN_EMAIL}, 'full_name', {SHOWN_NAME},
                    'response_status', 'needs_action') ORDER BY part.user_id), '[]')
        FROM (SELECT id AS user_id, invited_address FROM participants ORDER BY id LIMIT 100) AS part
        LEFT JOIN LATERAL (SELECT email, email_key, full_name, erased_at
                           FROM users WHERE users.id = part.user_id OFFSET 0) AS users ON true
        LEFT JOIN LATERAL (SELECT user_id FROM acquaintances
                           WHERE acquaintances.organizer_id = event.organizer_id
                             AND acquaintances.user_id = part.user_id OFFSET 0) AS known ON true
       ) AS participants,
       {rows_to_send("outbox_rows", "reminders")} AS rows_to_send
FROM decision LEFT JOIN caller ON true LEFT JOIN event ON true
""").execution_options(prepared=True)  # noqa: S608 - constants only

"""Erases the caller (GDPR, art. 17): personal data at once, the rest in steps that the relay continues.

Notification texts of others contain no name (docs/decisions/0006), so none needs redaction. A concurrent
delivery may still write notifications to the erased person; a later step deletes them.
"""

from convoke.erasure import take_erasure_step
from sqlalchemy import text

from convoke_api.unit_of_work import UnitOfWork

# The first statement: it waits for requests of the person that are writing now; later ones wait for it, then
# find no user. FOR UPDATE, because the UPDATE alone locks too little for a person without a verified address:
# its key columns would not change. The hash of the subject stays, so that old tokens are rejected.
_ERASE = text("""
WITH person AS MATERIALIZED (SELECT id, email_key FROM users WHERE id = :user_id FOR UPDATE),
-- Waiting persons who were merged into this one (convoke.handover) hold the address too. They are erased with
-- it: without a holder of the address no step of the relay would remove them.
merged AS MATERIALIZED (
    SELECT former.user_id AS id
    FROM person JOIN former_addresses AS former ON former.email_key = person.email_key
    JOIN users AS waiting ON waiting.id = former.user_id
    WHERE former.taken_at IS NOT NULL AND waiting.subject_hash IS NULL
),
erased AS (
    UPDATE users
    SET email = NULL, email_key = NULL, full_name = NULL, locale = NULL, time_zone = NULL,
        muted_types = '{}', erased_at = coalesce(users.erased_at, clock_timestamp())
    FROM (SELECT id FROM person UNION ALL SELECT id FROM merged) AS everybody
    WHERE users.id = everybody.id
    RETURNING users.id, users.erased_at
),
forgotten AS (DELETE FROM former_addresses USING merged WHERE former_addresses.user_id = merged.id)
INSERT INTO erasures (user_id, correlation_id, erased_at, next_step_at)
SELECT id, :correlation_id, erased_at, erased_at FROM erased
ON CONFLICT (user_id) DO NOTHING
""")

# Nothing more to erase now: the relay deletes what concurrent deliveries have written from a minute later on,
# until none can be left.
_WAIT = text("UPDATE erasures SET next_step_at = now() + interval '1 minute' WHERE user_id = :user_id")


def erase_person(work: UnitOfWork) -> None:
    """Erase the caller, cancel the future events that they organize, and notify the participants.

    Participations and past events stay, without name and address. The transaction takes one bounded step,
    which is the whole erasure for most people.
    """
    values = {"user_id": work.caller.id}
    work.connection.execute(_ERASE, {**values, "correlation_id": work.correlation_id})
    step = take_erasure_step(
        work.connection,
        work.caller.id,
        correlation_id=work.correlation_id,
        recipients_per_row=work.settings.recipients_per_row,
        first_retry_seconds=work.settings.first_retry_seconds,
    )
    work.rows_to_send += step.outbox_rows
    if not step.more:
        work.connection.execute(_WAIT, values)

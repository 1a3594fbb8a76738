"""Somebody is erased (GDPR, art. 17): at once here, and nothing that is under way brings them back.

What others were told holds no name (docs/decisions/0006), so nothing of it needs redaction. A delivery that
runs beside this may still write notifications to the erased person; the relay sweeps those away.
"""

from sqlalchemy import text

from convoke_api.cancellation import withdraw_event
from convoke_api.dependencies import UnitOfWork

# First of all: it waits for what the person is just creating or changing, and what comes later waits for it
# and then finds nobody. The update alone would lock too little when the person has no verified address: its
# key columns would stay as they are. The hash of the subject stays, so that old tokens are refused.
_ERASE = text("""
WITH person AS MATERIALIZED (SELECT id FROM users WHERE id = :user_id FOR UPDATE)
UPDATE users
SET email = NULL, email_key = NULL, full_name = NULL, locale = NULL, time_zone = NULL,
    muted_types = '{}', erased_at = clock_timestamp()
FROM person WHERE users.id = person.id
""")

_LIST_FUTURE_EVENTS = text("""
SELECT id FROM events
WHERE organizer_id = :user_id AND status = 'confirmed' AND ends_at > now()
ORDER BY id
FOR UPDATE
""")

# All of them in the order in which the worker locks rows, which one meeting after the other would not be.
_LOCK_REMINDERS = text("""
SELECT outbox.id FROM outbox
WHERE event_id = ANY (CAST(:event_ids AS uuid[])) AND type = 'event_reminder'
  AND delivered_at IS NULL AND cancelled_at IS NULL
ORDER BY id
FOR UPDATE
""")

# In the order of `read-all`, which may run beside this.
_DELETE_NOTIFICATIONS = text("""
WITH mine AS MATERIALIZED (
    SELECT id FROM notifications WHERE user_id = :user_id ORDER BY id FOR UPDATE
)
DELETE FROM notifications USING mine
WHERE notifications.user_id = :user_id AND notifications.id = mine.id
""")
# Addresses by which the person was invited, or held before, and to whom the person has shown the name.
_FORGET_ADDRESSES = text("""
WITH invited AS (
    UPDATE event_participants SET invited_address = NULL WHERE user_id = :user_id
), former AS (
    DELETE FROM former_addresses WHERE user_id = :user_id
)
DELETE FROM acquaintances WHERE user_id = :user_id
""")
_DELETE_RECORDS = text("DELETE FROM idempotency_records WHERE user_id = :user_id")


def erase_person(work: UnitOfWork) -> None:
    """Erase the caller. Meetings to come that they organise are cancelled, and the participants told.

    Participations stay, of nobody in particular; so do past meetings, without the name.
    """
    values = {"user_id": work.caller.id}
    work.connection.execute(_ERASE, values)
    event_ids = work.connection.execute(_LIST_FUTURE_EVENTS, values).scalars().all()
    if event_ids:
        work.connection.execute(_LOCK_REMINDERS, {"event_ids": "{" + ",".join(map(str, event_ids)) + "}"})
    for event_id in event_ids:
        withdraw_event(work, event_id)
    work.connection.execute(_DELETE_NOTIFICATIONS, values)
    work.connection.execute(_FORGET_ADDRESSES, values)
    work.connection.execute(_DELETE_RECORDS, values)

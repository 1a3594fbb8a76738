"""Somebody is erased (GDPR, art. 17): at once here, and nothing that is under way brings them back.

What others were told holds no name (docs/decisions/0006), so nothing of it needs redaction. A delivery that
runs beside this may still write notifications to the erased person; the relay sweeps those away.
"""

from sqlalchemy import text

from convoke_api.cancellation import withdraw_event
from convoke_api.dependencies import UnitOfWork

# First of all: it waits for what the person is just creating, and what comes later waits for it and then
# finds nobody. The hash of the subject stays, so that old tokens are refused.
_ERASE = text("""
UPDATE users
SET email = NULL, email_key = NULL, full_name = NULL, locale = NULL, time_zone = NULL,
    muted_types = '{}', erased_at = clock_timestamp()
WHERE id = :user_id
""")

_LIST_FUTURE_EVENTS = text("""
SELECT id FROM events
WHERE organizer_id = :user_id AND status = 'confirmed' AND ends_at > now()
ORDER BY id
FOR UPDATE
""")

_DELETE_NOTIFICATIONS = text("DELETE FROM notifications WHERE user_id = :user_id")
_DELETE_RECORDS = text("DELETE FROM idempotency_records WHERE user_id = :user_id")


def erase_person(work: UnitOfWork) -> None:
    """Erase the caller. Meetings to come that they organise are cancelled, and the participants told.

    Participations stay, of nobody in particular; so do past meetings, without the name.
    """
    values = {"user_id": work.caller.id}
    work.connection.execute(_ERASE, values)
    for event_id in work.connection.execute(_LIST_FUTURE_EVENTS, values).scalars().all():
        withdraw_event(work, event_id)
    work.connection.execute(_DELETE_NOTIFICATIONS, values)
    work.connection.execute(_DELETE_RECORDS, values)

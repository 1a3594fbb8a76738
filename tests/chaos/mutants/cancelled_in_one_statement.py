"""Cancels without locking the event first: one statement reads and withdraws the reminders."""

from typing import Any

import convoke_api.events.cancel as cancellation
import convoke_api.events.locks as event_locks
from chaos.mutation import edit, replace
from sqlalchemy import text

RULE = "6: statement 1 locks the event, statement 2 touches the outbox with a new snapshot"
CAUGHT_BY = "a_cancelled_event_has_no_live_reminder"


def apply() -> None:
    unlocked = text(edit(event_locks._LOCK.text, "FOR UPDATE OF event", ""))

    def look(connection: Any, caller_id: Any, event_id: Any) -> Any:
        values = {"caller_id": caller_id, "event_id": event_id}
        return connection.execute(unlocked, values).mappings().one()

    replace(cancellation, "lock_organized_event", look)

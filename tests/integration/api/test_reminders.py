"""Reminders are outbox rows that fall due later."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from integration.api.client import (
    Client,
    Query,
    RecordingQueue,
    from_now,
    list_owed,
)


@pytest.mark.parametrize(
    ("minutes_ahead", "reminder", "written", "delay"),
    [
        (-60, 5, False, None),
        (4, 5, False, None),
        (10, 5, True, 300),
        (15, 0, True, 900),
        (20, 4, True, None),
        (60, 5, True, None),
    ],
)
def test_reminders_are_written_when_ahead_and_sent_when_near(
    anna: Client,
    event_body: dict[str, Any],
    query: Query,
    queue: RecordingQueue,
    minutes_ahead: int,
    reminder: int,
    written: bool,
    delay: int | None,
) -> None:
    starts_at = from_now(minutes=minutes_ahead)
    times = {"starts_at": starts_at, "ends_at": starts_at, "reminder_minutes": [reminder]}

    event = anna.post("/v1/events", {**event_body, **times}).json

    assert event["reminder_minutes"] == [reminder]
    due_at = datetime.fromisoformat(starts_at) - timedelta(minutes=reminder)
    rows = list_owed(query, event)
    assert [(row["type"], row["due_at"], row["recipient_ids"]) for row in rows] == (
        [("event_reminder", due_at, None)] if written else []
    )
    if delay is None:
        assert queue.sent == []
        # The relay looks at it exactly when it falls due.
        assert [row["next_attempt_at"] for row in rows] == [due_at] * written
    else:
        ((message, sent_delay),) = queue.sent
        assert message.outbox_id == rows[0]["id"]
        # Whole seconds, rounded up: never early, and late by less than one.
        assert delay - 60 < sent_delay <= delay
        assert queue.sent_at[0] + timedelta(seconds=sent_delay) >= due_at
        assert sent_delay < (due_at - rows[0]["created_at"]).total_seconds() + 1
        assert rows[0]["next_attempt_at"] == due_at + timedelta(seconds=120)


def test_each_reminder_has_an_id_of_the_time_when_it_is_due(
    anna: Client, event_body: dict[str, Any], query: Query
) -> None:
    event = anna.post("/v1/events", {**event_body, "reminder_minutes": [60, 0, 40320, 15, 5]}).json

    rows = list_owed(query, event)
    assert len(rows) == 5
    starts_at = datetime.fromisoformat(event["starts_at"])
    # Ids sort by the time of the change, and hold it: a version 7 UUID begins with its milliseconds.
    assert [(starts_at - row["due_at"]) // timedelta(minutes=1) for row in rows] == [40320, 60, 15, 5, 0]
    assert [row["id"].int >> 80 for row in rows] == [int(row["due_at"].timestamp() * 1000) for row in rows]
    assert {row["payload"]["actor_id"] for row in rows} == {None}

"""From outbox rows to queue messages: each with the delay that SQS can give it."""

from uuid import UUID

import pytest
from convoke.messages import DeliveryMessage
from convoke.outbox import LONGEST_DELAY_SECONDS, OutboxRow, make_messages

ID, EVENT_ID = UUID(int=1), UUID(int=2)


@pytest.mark.parametrize(
    ("due_in", "delay"),
    [
        (-5.0, 0),
        (-0.2, 0),
        (0.0, 0),
        (0.2, 1),
        (59.0, 59),
        (59.01, 60),
        (899.5, 900),
        (900.0, 900),
        (5e9, 900),
    ],
)
def test_a_message_comes_when_its_row_is_due_and_never_earlier(due_in: float, delay: int) -> None:
    row = OutboxRow(ID, EVENT_ID, "event_reminder", "correlation-1", due_in)
    assert make_messages([row]) == [(DeliveryMessage(ID, EVENT_ID, "event_reminder", "correlation-1"), delay)]


def test_a_row_is_due_at_once_unless_it_says_so() -> None:
    assert OutboxRow(ID, EVENT_ID, "event_invited", "correlation-1").delay_seconds == 0


def test_sqs_holds_a_message_back_for_a_quarter_of_an_hour() -> None:
    # SendMessage, DelaySeconds: "Valid values: 0 to 900".
    assert LONGEST_DELAY_SECONDS == 900

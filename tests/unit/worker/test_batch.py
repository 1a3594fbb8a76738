"""The batch first, then one by one; and no time spent on a database that is away."""

from collections.abc import Callable, Sequence
from uuid import UUID, uuid4

import pytest
from convoke.errors import DatabaseUnavailableError, UnrenderablePayloadError
from convoke_worker.batch import Batch
from convoke_worker.outcomes import Outcome, RowOutcome

FIRST, SECOND, THIRD = (uuid4() for _ in range(3))


class ScriptedDelivery:
    """Delivers what it is told to deliver, and remembers how it was asked."""

    def __init__(self, *errors: Exception | None, poison: UUID | None = None) -> None:
        self._errors = list(errors)
        self._poison = poison
        self.asked: list[tuple[list[UUID], bool]] = []
        self.seconds = 0.0

    def __call__(self, outbox_ids: Sequence[UUID], tolerant: bool) -> list[RowOutcome]:
        self.asked.append((list(outbox_ids), tolerant))
        self.seconds += 0.01
        error = self._errors.pop(0) if self._errors else None
        if error is not None:
            raise error
        if self._poison in outbox_ids:
            raise UnrenderablePayloadError("poison")
        return [RowOutcome(outbox_id, Outcome.DELIVERED, written=1) for outbox_id in outbox_ids]


def _batch(deliver: ScriptedDelivery, pause: Callable[[float], None] = lambda _: None) -> Batch:
    return Batch(deliver, pause=pause, clock=lambda: deliver.seconds)


def test_a_batch_without_trouble_is_delivered_in_one_go() -> None:
    deliver = ScriptedDelivery()
    batch = _batch(deliver)
    batch.deliver_together([FIRST, SECOND, FIRST])
    assert [batch.take(FIRST).outcome, batch.take(SECOND).outcome] == [Outcome.DELIVERED] * 2
    assert deliver.asked == [([FIRST, SECOND], False)]


def test_a_second_message_for_the_same_row_is_a_duplicate() -> None:
    batch = _batch(ScriptedDelivery())
    batch.deliver_together([FIRST])
    assert [batch.take(FIRST).outcome for _ in range(3)] == [
        Outcome.DELIVERED,
        Outcome.DUPLICATE,
        Outcome.DUPLICATE,
    ]


def test_poison_is_found_by_delivering_one_by_one() -> None:
    deliver = ScriptedDelivery(poison=SECOND)
    batch = _batch(deliver)
    batch.deliver_together([FIRST, SECOND, THIRD])
    assert batch.take(FIRST).written == 1
    with pytest.raises(UnrenderablePayloadError):
        batch.take(SECOND)
    assert batch.take(THIRD).written == 1
    assert deliver.asked[1:] == [([FIRST], True), ([SECOND], True), ([THIRD], True)]


def test_a_connection_that_was_closed_while_idle_costs_one_more_try() -> None:
    deliver = ScriptedDelivery(OSError("closed"))
    pauses: list[float] = []
    batch = _batch(deliver, pauses.append)
    batch.deliver_together([FIRST, SECOND])
    assert batch.take(SECOND).outcome is Outcome.DELIVERED
    assert deliver.asked == [([FIRST, SECOND], False)] * 2
    (pause,) = pauses
    assert 0 < pause < 1


@pytest.mark.parametrize("errors", [[], [OSError("closed")]])
def test_a_row_that_was_not_in_the_batch_is_delivered_alone(errors: list[Exception]) -> None:
    deliver = ScriptedDelivery(*errors)
    batch = _batch(deliver)
    batch.deliver_together([FIRST] if errors else [])
    assert batch.take(SECOND).outcome is Outcome.DELIVERED
    assert deliver.asked[-1] == ([SECOND], True)


def test_while_the_database_is_away_no_row_is_tried_alone() -> None:
    deliver = ScriptedDelivery(*[OSError("refused")] * 9)
    batch = _batch(deliver)
    batch.deliver_together([FIRST, SECOND, THIRD])
    for outbox_id in (FIRST, SECOND, THIRD):
        with pytest.raises(DatabaseUnavailableError):
            batch.take(outbox_id)
    assert len(deliver.asked) == 2


def test_a_deadlock_costs_one_more_try_though_the_server_needs_a_second_to_notice_it() -> None:
    deliver = ScriptedDelivery(OSError("deadlock"))
    batch = Batch(deliver, pause=lambda _: None, clock=iter((100.0, 101.2)).__next__)
    batch.deliver_together([FIRST, SECOND])
    assert batch.take(FIRST).outcome is Outcome.DELIVERED
    assert len(deliver.asked) == 2


@pytest.mark.parametrize("seconds", [2.0, 20.0])
def test_a_database_that_lets_us_wait_is_not_asked_again(seconds: float) -> None:
    deliver = ScriptedDelivery(TimeoutError("20 s"))
    batch = Batch(deliver, pause=lambda _: None, clock=iter((100.0, 100.0 + seconds)).__next__)
    batch.deliver_together([FIRST, SECOND])
    with pytest.raises(DatabaseUnavailableError):
        batch.take(FIRST)
    assert len(deliver.asked) == 1


def test_a_database_that_goes_away_between_two_rows_is_not_asked_for_the_rest() -> None:
    deliver = ScriptedDelivery(UnrenderablePayloadError("poison"), None, OSError("gone"))
    batch = _batch(deliver)
    batch.deliver_together([FIRST, SECOND, THIRD])
    assert batch.take(FIRST).outcome is Outcome.DELIVERED
    with pytest.raises(OSError, match="gone"):
        batch.take(SECOND)
    with pytest.raises(DatabaseUnavailableError):
        batch.take(THIRD)
    assert len(deliver.asked) == 3

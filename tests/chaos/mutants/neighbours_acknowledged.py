"""When a batch fails, the poison is reported, and its neighbours pass for delivered."""

from typing import Any

import convoke_worker.handler as worker
from chaos.mutation import replace
from convoke_worker.batch import Batch
from convoke_worker.outcomes import Outcome, RowOutcome

RULE = "5: one poison message harms nobody else"
CAUGHT_BY = "the_neighbours_of_poison_are_delivered"


class _UndoneError(Exception):
    """Rolls back what a delivery did."""


def apply() -> None:
    deliver, alone = worker.deliver, Batch._deliver_alone

    def deliver_in_vain(*arguments: Any, tolerant: bool = False, **named: Any) -> Any:
        deliveries = deliver(*arguments, tolerant=tolerant, **named)
        if tolerant:
            raise _UndoneError
        return deliveries

    def pass_for_delivered(self: Any, outbox_id: Any) -> None:
        try:
            alone(self, outbox_id)
        except _UndoneError:
            self._outcomes[outbox_id] = RowOutcome(outbox_id, Outcome.DELIVERED)

    replace(worker, "deliver", deliver_in_vain)
    replace(Batch, "_deliver_alone", pass_for_delivered)

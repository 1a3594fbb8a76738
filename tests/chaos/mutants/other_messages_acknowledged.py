"""Reports only the unprocessable message of a failed batch, and the others as delivered."""

from typing import Any

import convoke_worker.handler as worker
from chaos.mutation import replace
from convoke_worker.batch import Batch
from convoke_worker.outcomes import Outcome, RowOutcome

RULE = "5: a message that cannot be processed does not affect the others"
CAUGHT_BY = "the_other_messages_of_a_failed_batch_are_delivered"


class _UndoneError(Exception):
    """Rolls back a delivery."""


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

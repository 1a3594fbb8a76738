"""One batch of outbox rows: all of them in one transaction, and when that fails, each in its own."""

import time
from collections.abc import Callable, Iterable, Sequence
from uuid import UUID

from convoke.database.sqlstates import is_unavailable
from convoke.errors import DatabaseUnavailableError

from convoke_worker.outcomes import Delivery, Outcome

#: Delivers rows in one transaction, all or nothing. The second argument: tolerate what is there already.
type Deliver = Callable[[Sequence[UUID], bool], Sequence[Delivery]]

#: A failure that comes faster than this is a connection that was closed while idle, a restarted server or
#: a deadlock (noticed after a second, `deadlock_timeout`): worth a second try at once. A database that lets
#: us wait would use up the function's time.
_QUICK_SECONDS = 2.0
_PAUSE_SECONDS = 0.1


class Batch:
    """What became of the rows of one batch, delivered at the first sight of them."""

    def __init__(
        self,
        deliver: Deliver,
        *,
        pause: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._deliver = deliver
        self._pause = pause
        self._clock = clock
        self._deliveries: dict[UUID, Delivery] = {}
        self._unavailable = False

    def deliver_together(self, outbox_ids: Iterable[UUID]) -> None:
        """Deliver all rows at once. Failing is no error here: `take` then delivers one by one."""
        wanted = list(dict.fromkeys(outbox_ids))
        if not wanted:
            return
        started_at = self._clock()
        try:
            self._keep(self._deliver(wanted, False))
        except Exception as error:  # noqa: BLE001 - whose fault it is shows when each row is alone
            self._unavailable = is_unavailable(error)
            if self._unavailable and self._clock() - started_at < _QUICK_SECONDS:
                self._pause(_PAUSE_SECONDS)
                self._try_again(wanted)

    def take(self, outbox_id: UUID) -> Delivery:
        """The end of one row, for one message; a second message for the same row is a duplicate.

        Raises what stood in the way of this very row. While the database is away nothing is tried any
        more, row by row: DatabaseUnavailableError for each.
        """
        if outbox_id not in self._deliveries:
            self._deliver_alone(outbox_id)
        delivery = self._deliveries[outbox_id]
        if delivery.outcome is Outcome.DELIVERED:
            self._deliveries[outbox_id] = Delivery(outbox_id, Outcome.DUPLICATE)
        return delivery

    def _try_again(self, wanted: Sequence[UUID]) -> None:
        try:
            self._keep(self._deliver(wanted, False))
            self._unavailable = False
        except Exception as error:  # noqa: BLE001 - as above
            self._unavailable = is_unavailable(error)

    def _deliver_alone(self, outbox_id: UUID) -> None:
        if self._unavailable:
            raise DatabaseUnavailableError("the database was away when the batch was delivered")
        try:
            self._keep(self._deliver([outbox_id], True))
        except Exception as error:
            self._unavailable = is_unavailable(error)
            raise

    def _keep(self, deliveries: Iterable[Delivery]) -> None:
        self._deliveries.update((delivery.outbox_id, delivery) for delivery in deliveries)

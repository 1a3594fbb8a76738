"""Delivers one batch of outbox rows: all in one transaction, and when that fails, each in its own."""

import time
from collections.abc import Callable, Iterable, Sequence
from uuid import UUID

from convoke.database.sqlstates import is_unavailable
from convoke.errors import DatabaseUnavailableError

from convoke_worker.outcomes import Outcome, RowOutcome

#: Delivers rows in one transaction, all or nothing. The second argument: tolerate existing notifications.
type Deliver = Callable[[Sequence[UUID], bool], Sequence[RowOutcome]]

#: A failure that comes faster than this is a connection that was closed while idle, a restarted server or
#: a deadlock (noticed after a second, `deadlock_timeout`): worth a second try at once. Waiting for a slower
#: database would use up the function's time.
_QUICK_SECONDS = 2.0
_PAUSE_SECONDS = 0.1


class Batch:
    """The outcomes of one batch's rows, delivered together at its beginning."""

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
        self._outcomes: dict[UUID, RowOutcome] = {}
        self._unavailable = False

    def deliver_together(self, outbox_ids: Iterable[UUID]) -> None:
        """Deliver all rows at once. A failure is no error here: `take` then delivers one by one."""
        wanted = list(dict.fromkeys(outbox_ids))
        if not wanted:
            return
        started_at = self._clock()
        try:
            self._keep(self._deliver(wanted, False))
        except Exception as error:  # noqa: BLE001 - the row at fault is found when each is delivered alone
            self._unavailable = is_unavailable(error)
            if self._unavailable and self._clock() - started_at < _QUICK_SECONDS:
                self._pause(_PAUSE_SECONDS)
                self._try_again(wanted)

    def take(self, outbox_id: UUID) -> RowOutcome:
        """Return the outcome of one row, for one message; a second message for the row is a duplicate.

        Raises the error of this very row. While the database is unavailable no row is tried alone:
        DatabaseUnavailableError for each.
        """
        if outbox_id not in self._outcomes:
            self._deliver_alone(outbox_id)
        outcome = self._outcomes[outbox_id]
        if outcome.outcome is Outcome.DELIVERED:
            self._outcomes[outbox_id] = RowOutcome(outbox_id, Outcome.DUPLICATE)
        return outcome

    def _try_again(self, wanted: Sequence[UUID]) -> None:
        try:
            self._keep(self._deliver(wanted, False))
            self._unavailable = False
        except Exception as error:  # noqa: BLE001 - as above
            self._unavailable = is_unavailable(error)

    def _deliver_alone(self, outbox_id: UUID) -> None:
        if self._unavailable:
            raise DatabaseUnavailableError("the database was unavailable when the batch was delivered")
        try:
            self._keep(self._deliver([outbox_id], True))
        except Exception as error:
            self._unavailable = is_unavailable(error)
            raise

    def _keep(self, outcomes: Iterable[RowOutcome]) -> None:
        self._outcomes.update((outcome.outbox_id, outcome) for outcome in outcomes)

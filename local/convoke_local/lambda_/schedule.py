"""Stand in for EventBridge Scheduler: invoke the relay at each tick."""

import json
import logging
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from uuid import uuid4

from convoke_local.lambda_.functions import InvocationError

_SCHEDULE_ARN = "arn:aws:scheduler:us-east-1:000000000000:schedule/default/convoke-local-outbox-relay"

_logger = logging.getLogger(__name__)


class RelayClock:
    """Invoke the relay at once and then at each tick, one invocation at a time."""

    def __init__(self, invoke: Callable[[str], str], *, tick_seconds: float) -> None:
        """Prepare the thread; `invoke` calls the relay with an event (JSON); it may raise InvocationError."""
        self._invoke = invoke
        self._tick_seconds = tick_seconds
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="relay-clock", daemon=True)

    def start(self) -> None:
        """Start ticking."""
        self._thread.start()

    def stop(self, within_seconds: float) -> None:
        """End the ticks, and wait at most that long for an invocation under way."""
        self._stopping.set()
        self._thread.join(within_seconds)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._invoke(make_schedule_event(datetime.now(UTC)))
            except InvocationError as error:
                # As on AWS: the next tick is the retry.
                _logger.warning("relay tick failed, retrying at next tick: %s", error)
            self._stopping.wait(self._tick_seconds)


def make_schedule_event(now: datetime) -> str:
    """Return the event (JSON) that EventBridge Scheduler sends for a schedule without an input of its own."""
    return json.dumps(
        {
            "version": "0",
            "id": str(uuid4()),
            "detail-type": "Scheduled Event",
            "source": "aws.scheduler",
            "account": "000000000000",
            "time": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "region": "us-east-1",
            "resources": [_SCHEDULE_ARN],
            "detail": "{}",
        }
    )

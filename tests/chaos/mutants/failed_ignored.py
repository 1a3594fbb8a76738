"""A 200 is taken for a success of all entries."""

from typing import Any

from chaos.mutation import replace
from convoke.queues import SqsQueue

RULE = "only what SendMessageBatch lists as successful was sent"
CAUGHT_BY = "entries_that_failed_are_sent_at_the_next_tick"


def apply() -> None:
    send = SqsQueue.send

    def send_all(self: Any, messages: Any) -> int:
        taken: int = send(self, messages)
        return len(messages) if taken else taken

    replace(SqsQueue, "send", send_all)

"""Counts all entries as sent if SendMessageBatch responds 200."""

from typing import Any

from chaos.mutation import replace
from convoke.queues import SqsQueue

RULE = "only the entries that SendMessageBatch lists as successful were sent"
CAUGHT_BY = "failed_entries_are_sent_at_the_next_tick"


def apply() -> None:
    send = SqsQueue.send

    def send_all(self: Any, messages: Any) -> int:
        taken: int = send(self, messages)
        return len(messages) if taken else taken

    replace(SqsQueue, "send", send_all)

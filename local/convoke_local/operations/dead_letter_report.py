"""What `convoke dlq` prints."""

import json
from dataclasses import asdict

from convoke_local.operations.dead_letters import FailureList, Redriven


def format_failures(failures: FailureList) -> str:
    """The list for people: a line for each row, and what the queue holds."""
    lines = [
        f"{it.failed_at:%Y-%m-%d %H:%M:%S} {it.type} event {it.event_id} outbox {it.outbox_id}: {it.failure}"
        for it in failures.failed
    ]
    unreadable = [
        f"message {it.message_id} cannot be read, received {it.receives} times: {it.reason}"
        for it in failures.unreadable
    ]
    total = f"{len(lines)} failed, {failures.dead_letters} dead letters"
    if unreadable:
        total += f", {len(unreadable)} of them cannot be read"
    return "\n".join([*lines, *unreadable, total])


def encode_failures(failures: FailureList) -> str:
    """The list as JSON."""
    return json.dumps(asdict(failures), default=str)


def format_redriven(redriven: Redriven) -> str:
    """What was done, in a line."""
    left = f"; {redriven.left} dead letters could not be moved, repeat the command" if redriven.left else ""
    if redriven.unreadable:
        left += (
            f"; {redriven.unreadable} dead letters cannot be read and were left, --unreadable sends them too"
        )
    return f"{redriven.rows} deliveries are owed again, {redriven.messages} messages sent{left}"

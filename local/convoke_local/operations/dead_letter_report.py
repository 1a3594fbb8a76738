"""Format the output of `convoke dlq`."""

import json
from dataclasses import asdict

from convoke_local.operations.dead_letters import FailureList, Redriven


def format_failures(failures: FailureList) -> str:
    """Return the list as text: a line for each row and each unreadable message, then the totals."""
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
    """Return the list as JSON."""
    return json.dumps(asdict(failures), default=str)


def format_redriven(redriven: Redriven) -> str:
    """Return the outcome of a redrive in one line."""
    left = f"; {redriven.left} dead letters could not be moved, repeat the command" if redriven.left else ""
    if redriven.unreadable:
        left += f"; {redriven.unreadable} dead letters cannot be read and stay, --unreadable sends them too"
    return f"{redriven.rows} outbox rows are pending again, {redriven.messages} messages sent{left}"

"""Small functions for the execution environments that tests start. No part of the product."""

import os
import sys
import time
from typing import Any


def behave(event: dict[str, Any], context: Any) -> Any:
    """Do the acts in the event; by default return the process id, variables and event."""
    if "sleep_seconds" in event:
        time.sleep(event["sleep_seconds"])
    if "raise" in event:
        raise ValueError(event["raise"])
    if "exit_status" in event:
        os._exit(event["exit_status"])
    if "print" in event:
        print(event["print"])
        print("to standard error", file=sys.stderr)
    return {
        "process_id": os.getpid(),
        "event": event,
        "remaining_milliseconds": context.get_remaining_time_in_millis(),
        "variables": dict(os.environ),
    }


def record_bodies(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Consume SQS messages: record each body; "bad" fails alone, "crash" ends the process."""
    failures = []
    for record in event["Records"]:
        with open(os.environ["BODIES_FILE"], "a", encoding="utf-8") as file:
            file.write(f"{record['body']} {record['attributes']['ApproximateReceiveCount']}\n")
        if record["body"] == "crash":
            os._exit(1)
        if record["body"] == "hang":
            time.sleep(600)
        if record["body"] == "bad":
            failures.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failures}


def record_batches(event: dict[str, Any], _context: Any) -> None:
    """Consume SQS messages: record the batch size of each invocation. All are processed."""
    with open(os.environ["BODIES_FILE"], "a", encoding="utf-8") as file:
        file.write(f"{len(event['Records'])}\n")

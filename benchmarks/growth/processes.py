"""Parts of a real run: `python -m benchmarks.growth.processes api|worker`, its order as JSON on stdin.

api     one execution environment: creates events at given moments, or one after the other. Prints "ready",
        reads the moment to begin at, and prints [[arrival, answered, busy seconds, event id], …]
worker  one poller with one execution environment, until it is ended. Prints "ready", and in the end
        [[done, busy seconds, [event id, …]], …]

Moments are those of time.time(). What it takes to poll and to delete is the harness's, and not busy time.
"""

import json
import signal
import sys
import time
from collections.abc import Callable
from typing import Any

from convoke.database.engine import make_engine
from convoke.messages import decode_message
from convoke_api.composition import make_services
from convoke_api.invocation import make_handler
from convoke_local.sqs.queues import make_client

from benchmarks.growth.simulation import draw_arrivals
from benchmarks.measures.deliveries import WorkerCaller
from benchmarks.ours.applications import make_body, make_event, make_settings
from benchmarks.ours.functions import find_queues
from benchmarks.queue_environment import point_at

_POLL_SECONDS = 1


def run_api(order: dict[str, Any], tell_ready: Callable[[], None]) -> list[list[Any]]:
    """`order`: database_url, endpoint, participants (ids), seconds, and rate (0: flat out)."""
    handler = make_handler(
        make_services(make_settings(order["database_url"], find_queues(order["endpoint"]).url))
    )
    event = make_event(make_body(order["participants"]))
    handler(event, None)  # warms up
    tell_ready()
    start_at = float(sys.stdin.readline())
    ends_at = start_at + order["seconds"]
    moments = draw_arrivals(order["rate"], order["seconds"]) if order["rate"] else []
    done: list[list[Any]] = []

    def create(arrival: float) -> None:
        began = time.time()
        answer = handler(event, None)
        answered = time.time()
        if answer["statusCode"] != 201:
            raise RuntimeError(f"{answer['statusCode']}: {answer.get('body')}")
        done.append([arrival, answered, answered - began, json.loads(answer["body"])["id"]])

    time.sleep(max(0.0, start_at - time.time()))
    for moment in moments:
        time.sleep(max(0.0, start_at + moment - time.time()))
        create(start_at + moment)
    while not order["rate"] and time.time() < ends_at:
        create(time.time())
    return done


def run_worker(order: dict[str, Any], tell_ready: Callable[[], None]) -> list[list[Any]]:
    """`order`: database_url and endpoint."""
    stopping = False

    def stop(*_: object) -> None:
        nonlocal stopping
        stopping = True

    signal.signal(signal.SIGTERM, stop)
    client, queue_url = make_client(order["endpoint"]), find_queues(order["endpoint"]).url
    worker = WorkerCaller(make_engine(order["database_url"], timeout_seconds=60, application_name="worker"))
    done: list[list[Any]] = []
    tell_ready()
    while True:
        answer = client.receive_message(
            QueueUrl=queue_url, MaxNumberOfMessages=10, WaitTimeSeconds=_POLL_SECONDS
        )
        received = answer.get("Messages", [])
        if not received and stopping:
            return done
        if received:
            messages = [decode_message(message["Body"]) for message in received]
            began = time.time()
            worker.deliver(messages)
            ended = time.time()
            done.append([ended, ended - began, [str(message.event_id) for message in messages]])
            client.delete_message_batch(
                QueueUrl=queue_url,
                Entries=[
                    {"Id": str(number), "ReceiptHandle": message["ReceiptHandle"]}
                    for number, message in enumerate(received)
                ],
            )


def main() -> None:
    """Standard output carries the result alone; what the functions print goes nowhere."""
    out, sys.stdout = sys.stdout, open("/dev/null", "w", encoding="utf-8")  # noqa: SIM115 - to the end
    order = json.loads(sys.stdin.readline())
    with point_at(order["endpoint"]):
        run = run_api if sys.argv[1] == "api" else run_worker
        done = run(order, lambda: print("ready", file=out, flush=True))
    json.dump(done, out)


if __name__ == "__main__":
    main()

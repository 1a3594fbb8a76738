"""Parts of a real run: `python -m benchmarks.growth.processes api|worker`, its order as JSON on stdin.

api     one execution environment: creates events at given times, or one after the other. Prints "ready",
        reads the time to begin at, and prints [[arrival, response, busy seconds, event id], …]
worker  one poller with one execution environment, until it is ended. Prints "ready", and in the end
        [[done, busy seconds, [event id, …]], …]

Times are those of time.time(). Polling and deleting belong to the harness and are not busy time.
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


def run_api(order: dict[str, Any], report_ready: Callable[[], None]) -> list[list[Any]]:
    """Create events. `order`: database_url, endpoint, participants (ids), seconds, and rate (0: flat out)."""
    handler = make_handler(
        make_services(make_settings(order["database_url"], find_queues(order["endpoint"]).url))
    )
    event = make_event(make_body(order["participants"]))
    handler(event, None)  # warms up
    report_ready()
    start_at = float(sys.stdin.readline())
    ends_at = start_at + order["seconds"]
    times = draw_arrivals(order["rate"], order["seconds"]) if order["rate"] else []
    done: list[list[Any]] = []

    def create(arrival: float) -> None:
        began = time.time()
        response = handler(event, None)
        responded = time.time()
        if response["statusCode"] != 201:
            raise RuntimeError(f"{response['statusCode']}: {response.get('body')}")
        done.append([arrival, responded, responded - began, json.loads(response["body"])["id"]])

    time.sleep(max(0.0, start_at - time.time()))
    for at in times:
        time.sleep(max(0.0, start_at + at - time.time()))
        create(start_at + at)
    while not order["rate"] and time.time() < ends_at:
        create(time.time())
    return done


def run_worker(order: dict[str, Any], report_ready: Callable[[], None]) -> list[list[Any]]:
    """Deliver until SIGTERM. `order`: database_url and endpoint."""
    stopping = False

    def stop(*_: object) -> None:
        nonlocal stopping
        stopping = True

    signal.signal(signal.SIGTERM, stop)
    client, queue_url = make_client(order["endpoint"]), find_queues(order["endpoint"]).url
    worker = WorkerCaller(make_engine(order["database_url"], timeout_seconds=60, application_name="worker"))
    done: list[list[Any]] = []
    report_ready()
    while True:
        response = client.receive_message(
            QueueUrl=queue_url, MaxNumberOfMessages=10, WaitTimeSeconds=_POLL_SECONDS
        )
        received = response.get("Messages", [])
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
    """Run one part. Standard output carries only the result; the functions' own output is discarded."""
    out, sys.stdout = sys.stdout, open("/dev/null", "w", encoding="utf-8")  # noqa: SIM115 - to the end
    order = json.loads(sys.stdin.readline())
    with point_at(order["endpoint"]):
        run = run_api if sys.argv[1] == "api" else run_worker
        done = run(order, lambda: print("ready", file=out, flush=True))
    json.dump(done, out)


if __name__ == "__main__":
    main()

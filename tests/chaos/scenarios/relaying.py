"""The rules of the relay and of the queue's client."""

import os

from chaos.faults import Faults
from chaos.queue_proxy import QueueProxy
from chaos.scenarios.bench import LIMITS, Bench, require
from convoke.queues import SqsQueue
from convoke_local.sqs.queues import STAND_IN_CREDENTIALS, create_queues
from convoke_relay.retention import Retention, remove_expired
from integration.relay.stage import InMemoryQueue, add_rows, execute


def failed_entries_are_sent_at_the_next_tick(bench: Bench) -> None:
    faults = Faults({}, seed=1)
    proxy = QueueProxy(bench.sqs_endpoint, faults, seed=1)
    os.environ.update(STAND_IN_CREDENTIALS, AWS_ENDPOINT_URL_SQS=proxy.url)
    try:
        queues = create_queues(proxy.url, "scenario", max_receive_count=5, visibility_seconds=30)
        queue = SqsQueue(queues.url)
        rows = add_rows(bench.engine, 10)
        faults.force("queue.fail_entries")
        bench.tick(queue)
        bench.tick(queue)
    finally:
        proxy.close()
    missing = [row for row in rows if not any(str(row) in body for body in proxy.accepted)]
    require(not missing, f"failed entries are sent at the next tick ({len(missing)} of 10 were not)")


def nothing_is_re_sent_to_a_full_queue(bench: Bench) -> None:
    add_rows(bench.engine, 20)
    queue = InMemoryQueue(waiting=LIMITS.send_limit + 1)
    bench.tick(queue)
    require(not queue.sent, "nothing is sent again while the queue holds more than a tick's work")


def a_row_is_sent_once_in_its_backoff(bench: Bench) -> None:
    add_rows(bench.engine, 20)
    queue = InMemoryQueue()
    for _ in range(3):
        bench.tick(queue)
    require(len(queue.sent) == 20, f"three ticks send each row once (sent: {len(queue.sent)})")


def rows_that_commit_late_are_sent(bench: Bench) -> None:
    late, *early = add_rows(bench.engine, 6)
    execute(bench.engine, "CREATE TABLE held AS SELECT * FROM outbox WHERE id = :id", id=late)
    execute(bench.engine, "DELETE FROM outbox WHERE id = :id", id=late)
    queue = InMemoryQueue()
    bench.tick(queue)
    # Its transaction took longer than those of the rows after it.
    execute(bench.engine, "INSERT INTO outbox SELECT * FROM held")
    bench.tick(queue)
    require(sorted(queue.rows) == sorted([late, *early]), "a lower id that commits later is sent too")


def retention_keeps_undelivered_rows(bench: Bench) -> None:
    add_rows(bench.engine, 3)
    execute(
        bench.engine,
        """UPDATE outbox SET id = uuid7_at(now() - interval '90 days'),
               created_at = now() - interval '90 days', due_at = now() - interval '90 days'""",
    )
    remove_expired(bench.engine, Retention(outbox_days=35, notification_days=180))
    require(bench.query_one("SELECT count(*) FROM outbox") == 3, "undelivered rows are kept, however old")

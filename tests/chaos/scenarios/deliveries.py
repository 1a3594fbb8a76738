"""The worker's rules."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import UUID

import convoke_worker.delivery as delivery
from chaos.scenarios.bench import Bench, require
from convoke.database.sqlstates import sqlstate
from convoke_worker.notification_statements import lock_undelivered
from integration.worker.stage import add_row, add_user, add_users, query
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

_COUNT = "SELECT count(*) FROM notifications"
_ROUNDS = 40
_LOCKED_ROWS = 1_000


def an_early_message_has_no_effect(bench: Bench) -> None:
    row = add_row(bench.engine, [add_user(bench.engine)], due_in=3600)
    bench.deliver(row)
    require(bench.query_one(_COUNT) == 0, "nothing is delivered before it is due")


def a_message_for_a_cancelled_row_has_no_effect(bench: Bench) -> None:
    row = add_row(bench.engine, [add_user(bench.engine)], cancelled=True)
    bench.deliver(row)
    require(bench.query_one(_COUNT) == 0, "nothing is delivered of a cancelled row")


def a_recipient_of_a_new_locale_is_notified(bench: Bench) -> None:
    row = add_row(bench.engine, [add_user(bench.engine, locale="en", time_zone="Asia/Tokyo")])
    bench.deliver(row)
    require(bench.query_one(_COUNT) == 1, "a recipient of a locale without a rendered text is notified")


def a_recipient_who_changes_locale_meanwhile_is_notified(bench: Bench) -> None:
    user = add_user(bench.engine, locale="en")
    row = add_row(bench.engine, [user])
    claim, other_engine = delivery.claim, bench.make_engine()

    def claim_after_a_change(*arguments: object, final: bool, **named: object) -> object:
        if final:
            query(
                other_engine,
                "UPDATE users SET locale = 'ru', time_zone = 'Asia/Tokyo' WHERE id = :id",
                id=user,
            )
        return claim(*arguments, final=final, **named)

    delivery.claim = claim_after_a_change
    bench.deliver(row)
    require(bench.query_one(_COUNT) == 1, "a recipient who changes locale after rendering is notified")


def overlapping_batches_never_deadlock(bench: Bench) -> None:
    # More rows than a batch has: the locks of ten are taken within microseconds, and rarely overlap. Each
    # batch is the other in reverse: without the order, two that overlap in time deadlock.
    users = add_users(bench.engine, 1)
    rows = [add_row(bench.engine, users) for _ in range(_LOCKED_ROWS)]
    engines = [bench.make_engine() for _ in range(2)]
    barrier = Barrier(len(engines), timeout=30)

    def lock(engine: Engine, batch: Sequence[UUID]) -> str | None:
        with engine.connect() as connection:
            connection.execute(text("SELECT 1"))
            barrier.wait()
            try:
                lock_undelivered(connection, batch)
            except DBAPIError as error:
                return sqlstate(error)
        return None

    with ThreadPoolExecutor(len(engines)) as threads:
        for number in range(_ROUNDS):
            states = list(threads.map(lock, engines, (rows, rows[::-1])))
            require("40P01" not in states, f"overlapping batches do not deadlock (round {number + 1})")


def the_other_messages_of_a_failed_batch_are_delivered(bench: Bench) -> None:
    user = add_user(bench.engine)
    rows = [add_row(bench.engine, [user]) for _ in range(2)]
    unprocessable = add_row(bench.engine, [user], payload={"version": 99})
    failed = bench.deliver(rows[0], unprocessable, rows[1])
    require(failed == ["m1"], f"only the unprocessable message fails (failed: {failed})")
    require(bench.query_one(_COUNT) == 2, "the other messages of the batch are delivered")


def an_unprocessable_row_is_given_up_with_a_reason(bench: Bench) -> None:
    unprocessable = add_row(bench.engine, [add_user(bench.engine)], payload={"version": 99})
    bench.deliver(unprocessable, receive_count=5)
    failed = bench.query_one("SELECT count(*) FROM outbox WHERE failed_at IS NOT NULL AND failure <> ''")
    require(failed == 1, "the last receive records failed_at and the reason")


def the_actor_is_not_notified(bench: Bench) -> None:
    actor, other = add_users(bench.engine, 2)
    payload = {
        "version": 1,
        "title": "Chaos",
        "starts_at": "2030-03-05T11:30:00+00:00",
        "ends_at": "2030-03-05T12:30:00+00:00",
        "all_day": False,
        "time_zone": "Europe/Moscow",
        "actor_id": str(actor),
    }
    bench.deliver(add_row(bench.engine, [actor, other], payload=payload))
    notified = query(bench.engine, "SELECT user_id FROM notifications")
    require([row[0] for row in notified] == [other], "all recipients but the actor are notified")

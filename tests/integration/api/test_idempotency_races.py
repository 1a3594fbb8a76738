"""Idempotency-Key when equal requests meet: one event, and a response to everybody."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

from convoke.database.transactions import autocommit
from convoke_api.invocation import Handler, make_handler
from convoke_api.services import Services
from integration.api.client import Client, Query, Response, check_problem, current_loop
from integration.api.races import insert_event, wait_for_somebody_to_wait
from sqlalchemy import Engine, text

KEY = {"idempotency-key": "k"}


def test_of_ten_equal_requests_at_once_one_makes_the_event(
    anna: Client,
    event_body: dict[str, Any],
    make_users: Callable[[int], list[str]],
    make_person: Callable[..., Client],
    together: Callable[..., list[Response]],
    query: Query,
) -> None:
    anna_id, body = anna.id, {**event_body, "participant_ids": make_users(3)}

    def create(handler: Handler) -> Response:
        return make_person(handler, "anna").post("/v1/events", body, headers=KEY)

    responses = together([create] * 10)

    created = [response for response in responses if response.status == 201]
    for response in responses:
        if response.status != 201:
            check_problem(response, 409)
    assert len([response for response in created if "idempotency-replayed" not in response.headers]) == 1
    assert len({response.headers["location"] for response in created}) == 1
    (event,) = query("SELECT id FROM events WHERE organizer_id = :id", id=anna_id)
    assert len(query("SELECT 1 FROM outbox WHERE event_id = :id", id=event["id"])) == 1
    later = anna.post("/v1/events", body, headers=KEY)
    assert (later.status, later.json["id"]) == (201, str(event["id"]))


def test_a_first_call_sent_ten_times_at_once_makes_one_event(
    event_body: dict[str, Any],
    domain: str,
    make_person: Callable[..., Client],
    together: Callable[..., list[Response]],
    anna: Client,
) -> None:
    body = {**event_body, "participant_emails": [f"guest-{n}@{domain}" for n in range(5)]}

    def create(handler: Handler) -> Response:
        return make_person(handler, "anna").post("/v1/events", body, headers=KEY)

    statuses = {response.status for response in together([create] * 10)}

    assert statuses <= {201, 409}
    assert 201 in statuses
    assert len(anna.get("/v1/events").json["items"]) == 1


def test_while_the_first_is_being_worked_on_the_second_is_told_so(
    anna: Client,
    event_body: dict[str, Any],
    make_person: Callable[..., Client],
    together: Callable[..., list[Response]],
    make_api_engine: Callable[[], Engine],
    query: Query,
) -> None:
    body = {**event_body, "uid": "held"}
    blocker = make_api_engine().connect()
    # An event with the same uid, not committed: the first request waits in the middle of its statement.
    insert_event(blocker, anna.id, "held")

    def first(handler: Handler) -> Response:
        return make_person(handler, "anna").post("/v1/events", body, headers=KEY)

    def second(handler: Handler) -> Response:
        try:
            wait_for_somebody_to_wait(query)
            return make_person(handler, "anna").post("/v1/events", body, headers=KEY)
        finally:
            blocker.rollback()

    slow, refused = together([first, second])

    blocker.close()
    check_problem(refused, 409)
    assert (slow.status, "idempotency-replayed" in slow.headers) == (201, False)
    assert anna.post("/v1/events", body, headers=KEY).json["id"] == slow.json["id"]


def test_a_key_that_is_used_between_the_look_and_the_lock_is_used_once(
    anna: Client,
    event_body: dict[str, Any],
    services: Services,
    make_api_engine: Callable[[], Engine],
    query: Query,
) -> None:
    # The statement looks at the records as they were when it began, and locks the key a little later. The
    # slow request finds a function before the built-in one of that name, which lets the quick one finish
    # in between.
    query(
        """
        CREATE OR REPLACE FUNCTION public.hashtextextended(value text, seed bigint) RETURNS bigint
        LANGUAGE plpgsql AS $$ BEGIN
            PERFORM pg_advisory_xact_lock(1);
            RETURN pg_catalog.hashtextextended(value, seed);
        END $$
        """
    )
    anna.get("/v1/me")
    slow_engine, gate = make_api_engine(), make_api_engine().connect()
    with autocommit(slow_engine) as connection:
        connection.execute(text("SET search_path = public, pg_catalog"))
    gate.execute(text("SELECT pg_advisory_xact_lock(1)"))

    def send_slowly() -> Response:
        with current_loop():
            slow = Client(make_handler(replace(services, engine=slow_engine)), anna.claims)
            return slow.post("/v1/events", event_body, headers=KEY)

    with ThreadPoolExecutor(1) as threads:
        slow = threads.submit(send_slowly)
        try:
            wait_for_somebody_to_wait(query)
            quick = anna.post("/v1/events", event_body, headers=KEY)
        finally:
            gate.close()

    assert (quick.status, "idempotency-replayed" in quick.headers) == (201, False)
    assert slow.result().json == quick.json
    assert slow.result().headers["idempotency-replayed"] == "true"
    assert len(query("SELECT 1 FROM events WHERE organizer_id = :id", id=anna.id)) == 1

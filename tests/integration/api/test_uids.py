"""The iCalendar identity of an event: one organizer has each uid once."""

from collections.abc import Callable
from typing import Any

from convoke_api.invocation import Handler
from integration.api.client import Client, Query, Response, check_problem
from integration.api.races import insert_event, wait_for_somebody_to_wait
from sqlalchemy import Engine


def test_a_uid_is_made_when_none_is_given(anna: Client, event_body: dict[str, Any]) -> None:
    uids = {anna.post("/v1/events", event_body).json["uid"] for _ in range(3)}

    assert len(uids) == 3
    assert all(uids)


def test_a_given_uid_is_kept_as_it_is(anna: Client, event_body: dict[str, Any]) -> None:
    for uid in ("040000008200E00074C5B7101A82E008@example.org", " с пробелом ", "ï" * 500):
        event = anna.post("/v1/events", {**event_body, "uid": uid}).json
        assert anna.get(f"/v1/events/{event['id']}").json["uid"] == uid


def test_a_uid_that_the_caller_already_organizes_is_a_conflict(
    anna: Client, person: Callable[..., Client], event_body: dict[str, Any]
) -> None:
    boris, body = person("boris"), {**event_body, "uid": "weekly"}
    first = anna.post("/v1/events", body)

    check_problem(anna.post("/v1/events", body), 409)

    assert boris.post("/v1/events", body).status == 201
    assert anna.post("/v1/events", {**body, "uid": "Weekly"}).status == 201
    assert anna.get("/v1/events?uid=weekly").json["items"] == [first.json]


def test_one_of_many_that_create_a_uid_at_once_creates_it(
    anna: Client,
    event_body: dict[str, Any],
    make_person: Callable[..., Client],
    together: Callable[..., list[Response]],
    query: Query,
) -> None:
    anna_id = anna.id

    def create(handler: Handler) -> Response:
        return make_person(handler, "anna").post("/v1/events", {**event_body, "uid": "raced"})

    responses = together([create] * 8)

    assert sorted(response.status for response in responses) == [201] + [409] * 7
    for response in responses:
        if response.status == 409:
            check_problem(response, 409)
    assert len(query("SELECT 1 FROM events WHERE organizer_id = :id", id=anna_id)) == 1


def test_a_uid_that_is_taken_while_the_request_is_being_worked_on_is_a_conflict(
    anna: Client,
    event_body: dict[str, Any],
    make_person: Callable[..., Client],
    together: Callable[..., list[Any]],
    make_api_engine: Callable[[], Engine],
    query: Query,
) -> None:
    rival = make_api_engine().connect()
    insert_event(rival, anna.id, "raced")

    def create(handler: Handler) -> Response:
        return make_person(handler, "anna").post("/v1/events", {**event_body, "uid": "raced"})

    def commit(_handler: Handler) -> None:
        wait_for_somebody_to_wait(query)
        rival.commit()

    refused, _ = together([create, commit])

    rival.close()
    check_problem(refused, 409)
    assert len(anna.get("/v1/events?uid=raced").json["items"]) == 1
    assert anna.post("/v1/events", event_body).status == 201

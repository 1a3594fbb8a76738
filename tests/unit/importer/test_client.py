"""Call the API as a person in the file, wait and repeat, or end the import."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import pytest
from convoke_importer.api import Refused
from convoke_importer.client import ConvokeClient
from convoke_importer.connection import Connection
from convoke_importer.errors import StackUnreachableError
from convoke_importer.people import Person

ANN = Person("ann@example.org", "Ann")
CREATED = httpx.Response(201, json={"id": "1"})

type Outcome = httpx.Response | Exception


def make_token(email: str, name: str | None) -> str:
    return f"{email}/{name}"


class Script:
    """Return one outcome after the other, and keep the requests and the waits."""

    def __init__(self, *outcomes: Outcome) -> None:
        self.requests: list[httpx.Request] = []
        self.waits: list[float] = []
        self._outcomes = iter(outcomes)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        response = next(self._outcomes)
        if isinstance(response, Exception):
            raise response
        return response


@pytest.fixture
def make_client() -> Iterator[Callable[[Script], ConvokeClient]]:
    with ExitStack() as connections:

        def make(script: Script) -> ConvokeClient:
            transport = httpx.MockTransport(script)
            connection = Connection(
                "http://localhost:8000", make_token, transport=transport, wait=script.waits.append
            )
            return ConvokeClient(connections.enter_context(connection))

        yield make


type MakeClient = Callable[[Script], ConvokeClient]


def test_a_call_is_made_as_the_person_in_the_file(make_client: MakeClient) -> None:
    script = Script(CREATED)
    assert make_client(script).create_event(ANN, {"title": "x"}) == {"id": "1"}
    scheme, token = script.requests[0].headers["Authorization"].split()
    assert (scheme, token) == ("Bearer", "ann@example.org/Ann")


def test_a_full_quota_is_waited_out_however_long_it_takes(make_client: MakeClient) -> None:
    full = [httpx.Response(429, headers={"Retry-After": str(seconds)}) for seconds in range(1, 9)]
    script = Script(*full, CREATED)
    assert make_client(script).create_event(ANN, {}) == {"id": "1"}
    assert script.waits == [1, 2, 3, 4, 5, 6, 7, 8]


@pytest.mark.parametrize(
    ("header", "wait"),
    [
        ({}, 2),
        ({"Retry-After": "soon"}, 2),
        ({"Retry-After": "nan"}, 2),
        ({"Retry-After": "-5"}, 0),
        ({"Retry-After": "1e9"}, 300),
    ],
)
def test_a_wait_is_always_a_reasonable_one(
    make_client: MakeClient, header: dict[str, str], wait: float
) -> None:
    script = Script(httpx.Response(429, headers=header), CREATED)
    make_client(script).create_event(ANN, {})
    assert script.waits == [wait]


def test_repeating_a_request_can_create_no_second_event(make_client: MakeClient) -> None:
    script = Script(httpx.Response(503), httpx.Response(429), CREATED, CREATED)
    client = make_client(script)
    client.create_event(ANN, {})
    client.create_event(ANN, {})
    keys = [request.headers["Idempotency-Key"] for request in script.requests]
    assert keys[0] == keys[1] == keys[2] != keys[3]


@pytest.mark.parametrize(
    ("outcomes", "sentence"),
    [
        (
            [httpx.ConnectError("refused")],
            "http://localhost:8000 does not respond: start it with `convoke up`",
        ),
        ([httpx.ReadTimeout("late")], "http://localhost:8000 does not respond"),
        ([httpx.Response(401, json={"message": "Unauthorized"})], "rejects the tokens of this data folder"),
        ([httpx.Response(503)] * 5, r"fails with status 503"),
        ([httpx.Response(200, text="<html>")], "the server at http://localhost:8000 is not Convoke"),
        ([httpx.Response(200, json=["items"])], "is not Convoke"),
    ],
)
def test_a_stack_that_cannot_be_worked_with_ends_the_import(
    make_client: MakeClient, outcomes: list[Outcome], sentence: str
) -> None:
    with pytest.raises(StackUnreachableError, match=sentence):
        make_client(Script(*outcomes)).find_event(ANN, "1")


@pytest.mark.parametrize(
    ("response", "detail"),
    [
        (httpx.Response(422, json={"detail": "No.", "errors": []}), "No."),
        (
            httpx.Response(422, json={"detail": "No.", "errors": [{"pointer": "/uid", "detail": "is long"}]}),
            "No.; /uid is long",
        ),
        (httpx.Response(413, json={"message": "Request Entity Too Large"}), "Request Entity Too Large"),
        (httpx.Response(500, text="oops"), "without an explanation"),
        (httpx.Response(400, json=[]), "without an explanation"),
    ],
)
def test_a_refusal_carries_the_explanation_of_the_api(
    make_client: MakeClient, response: httpx.Response, detail: str
) -> None:
    assert make_client(Script(response)).create_event(ANN, {}) == Refused(response.status_code, detail)


def page(*emails: str | None, next_cursor: str | None = None) -> httpx.Response:
    items: list[dict[str, Any]] = [{"id": email, "organizer": {"email": email}} for email in emails]
    return httpx.Response(200, json={"items": items, "next_cursor": next_cursor})


def test_an_event_of_another_organizer_is_not_found(make_client: MakeClient) -> None:
    script = Script(page("bob@example.org", None, next_cursor="c"), page("ANN@example.org"))
    assert make_client(script).find_event(ANN, "a b&c") == {
        "id": "ANN@example.org",
        "organizer": {"email": "ANN@example.org"},
    }
    assert [dict(request.url.params) for request in script.requests] == [
        {"uid": "a b&c", "limit": "100"},
        {"uid": "a b&c", "limit": "100", "cursor": "c"},
    ]


def test_an_event_on_no_page_is_none(make_client: MakeClient) -> None:
    assert make_client(Script(page("bob@example.org"))).find_event(ANN, "1") is None


def read_request(request: httpx.Request) -> tuple[str, str, Any, str | None]:
    body = json.loads(request.content) if request.content else None
    return request.method, request.url.path, body, request.headers.get("If-Match")


def test_each_change_is_the_request_that_the_contract_names(make_client: MakeClient) -> None:
    done, none = httpx.Response(200, json={"id": "1"}), httpx.Response(204)
    script = Script(done, none, done, none, done)
    client = make_client(script)
    assert client.update_event(ANN, "1", 4, {"title": "x"}) == {"id": "1"}
    assert client.cancel_event(ANN, "1", 5) is None
    assert client.add_participants(ANN, "1", ["bob@example.org"]) is None
    assert client.remove_participant(ANN, "1", "7") is None
    assert client.respond(ANN, "1", "accepted") is None
    assert [read_request(request) for request in script.requests] == [
        ("PATCH", "/v1/events/1", {"title": "x"}, '"4.0"'),
        ("DELETE", "/v1/events/1", None, '"5.0"'),
        ("POST", "/v1/events/1/participants", {"participant_emails": ["bob@example.org"]}, None),
        ("DELETE", "/v1/events/1/participants/7", None, None),
        ("PATCH", "/v1/events/1/participants/me", {"response_status": "accepted"}, None),
    ]


def test_a_removed_participant_is_no_refusal_and_anything_else_is(make_client: MakeClient) -> None:
    script = Script(*(httpx.Response(status, json={"detail": "No."}) for status in (404, 409, 404, 412)))
    client = make_client(script)
    assert client.remove_participant(ANN, "1", "7") is None
    assert client.remove_participant(ANN, "1", "7") == Refused(409, "No.")
    assert client.respond(ANN, "1", "accepted") == Refused(404, "No.")
    assert client.cancel_event(ANN, "1", 1) == Refused(412, "No.")


def test_participants_come_from_all_pages_or_not_at_all(make_client: MakeClient) -> None:
    first = httpx.Response(200, json={"items": [{"user_id": "1"}], "next_cursor": "c"})
    last = httpx.Response(200, json={"items": [{"user_id": "2"}], "next_cursor": None})
    refusal = httpx.Response(404, json={"detail": "No."})
    client = make_client(Script(first, last, first, refusal))
    assert client.list_participants(ANN, "1") == [{"user_id": "1"}, {"user_id": "2"}]
    assert client.list_participants(ANN, "1") == Refused(404, "No.")

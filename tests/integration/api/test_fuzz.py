"""Requests that nobody thought of: whatever is sent, the response is one of the contract's."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from integration.api.client import Client, check_problem

# The handler is meant to serve one request after the other, whatever the one before was.
draws = settings(
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=150,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

any_text = st.text(st.characters(exclude_categories=[]), max_size=30)
numbers = st.integers() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False)
json_values = st.recursive(
    st.none() | st.booleans() | numbers | any_text,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(any_text, inner, max_size=4),
    max_leaves=8,
)
instants = st.datetimes(timezones=st.timezones()).map(lambda it: it.isoformat()) | any_text
FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "title": any_text,
    "starts_at": instants,
    "ends_at": instants,
    "all_day": st.booleans(),
    "time_zone": st.timezone_keys(),
    "description": any_text,
    "location": any_text,
    "participant_ids": st.lists(st.uuids().map(str), max_size=3),
    "participant_emails": st.lists(st.emails() | any_text, max_size=3),
    "uid": any_text,
    "sequence": st.integers(),
    "reminder_minutes": st.lists(st.integers(0, 50_000), max_size=6),
}


@st.composite
def changes(draw: st.DrawFn) -> dict[str, Any]:
    """Fields of a creation with values of their kind, some with values of any kind, and unknown ones."""
    names = draw(st.lists(st.sampled_from(sorted(FIELDS)), max_size=4))
    fitting = {name: draw(FIELDS[name]) for name in names}
    odd = draw(st.dictionaries(st.sampled_from(sorted(FIELDS)) | any_text, json_values, max_size=1))
    return {**fitting, **odd}


@draws
@given(change=changes())
def test_a_creation_is_accepted_or_refused(
    anna: Client, person: Callable[..., Client], event_body: dict[str, Any], change: dict[str, Any]
) -> None:
    response = anna.post("/v1/events", {**event_body, **change})

    if response.status == 201:
        assert anna.get(response.headers["location"]).json == response.json
    else:
        # A uid of an earlier draw is a conflict.
        check_problem(response, 409 if response.status == 409 else 422)
    assert person("boris").get("/v1/me").json["email"] == person("boris").email


@draws
@given(raw=st.binary(max_size=60) | json_values.map(repr).map(lambda it: it.encode("utf-8", "surrogatepass")))
def test_a_body_of_any_bytes_is_refused(anna: Client, person: Callable[..., Client], raw: bytes) -> None:
    response = anna.post("/v1/events", raw=raw)

    check_problem(response, 400 if response.status == 400 else 422)
    assert person("boris").get("/v1/me").json["email"] == person("boris").email


parameters = st.dictionaries(
    st.sampled_from(["limit", "cursor", "from", "to", "uid", "unread", "type", "response_status"]),
    any_text | numbers.map(str) | instants,
    max_size=3,
)


@draws
@given(query=parameters, path=st.sampled_from(["/v1/events", "/v1/notifications", "participants"]))
def test_a_query_is_answered_or_refused(
    anna: Client, event_body: dict[str, Any], query: dict[str, str], path: str
) -> None:
    if path == "participants":
        path = f"/v1/events/{anna.post('/v1/events', event_body).json['id']}/participants"
    encoded = "&".join(f"{key}={quote(value, errors='surrogatepass')}" for key, value in query.items())

    response = anna.get(f"{path}?{encoded}")

    if response.status == 200:
        assert response.json["items"] is not None
    else:
        check_problem(response, 422)


headers = st.dictionaries(
    st.sampled_from(["idempotency-key", "if-none-match", "x-correlation-id", "content-type"]), any_text
)


@draws
@given(sent=headers)
def test_any_header_is_taken_or_refused(
    anna: Client, event_body: dict[str, Any], sent: dict[str, str]
) -> None:
    # The gateway hands headers over as text of one byte for each character.
    encoded = {name: value.encode("utf-8", "replace").decode("latin-1") for name, value in sent.items()}

    created = anna.post("/v1/events", event_body, headers=encoded)
    read = anna.get(f"/v1/events/{anna.post('/v1/events', event_body).json['id']}", headers=encoded)

    assert read.status in (200, 304)
    if created.status != 201:
        check_problem(created, 415 if created.status == 415 else 422)

"""GET /v1/events/{event_id}: who may see an event, and the entity tag by which it is known."""

from collections.abc import Callable
from typing import Any

import pytest
from integration.api.client import Client, Query, check_problem

MISSING = "00000000-0000-0000-0000-000000000001"


@pytest.fixture
def event(anna: Client, person: Callable[..., Client], event_body: dict[str, Any]) -> dict[str, Any]:
    """An event of Anna's that Boris is invited to."""
    created: dict[str, Any] = anna.post(
        "/v1/events", {**event_body, "participant_ids": [person("boris").id]}
    ).json
    return created


def test_participants_see_the_event_as_the_organizer_does_but_for_their_own_part(
    anna: Client, person: Callable[..., Client], event: dict[str, Any]
) -> None:
    seen = person("boris").get(f"/v1/events/{event['id']}").json

    assert seen == {**anna.get(f"/v1/events/{event['id']}").json, "my_response_status": "needs_action"}


@pytest.mark.parametrize("suffix", ["", "/participants", "/deliveries"])
def test_a_stranger_gets_the_same_bytes_as_for_an_event_that_is_not_there(
    person: Callable[..., Client], event: dict[str, Any], suffix: str
) -> None:
    stranger = person("mallory")
    headers = {"x-correlation-id": "same"}

    responses = [
        stranger.get(f"/v1/events/{event_id}{suffix}", headers=headers)
        for event_id in (event["id"], MISSING, "no-id-at-all", "%00", event["id"] + "0")
    ]

    check_problem(responses[0], 404)
    assert all(response == responses[0] for response in responses)


def test_deliveries_are_for_the_organizer_alone(person: Callable[..., Client], event: dict[str, Any]) -> None:
    check_problem(person("boris").get(f"/v1/events/{event['id']}/deliveries"), 403)


@pytest.mark.parametrize(
    "header",
    ["{}", "W/{}", '"0.0", {}', '"0.0",W/{}  , "2.2"', "*", " {} ", " * "],
)
def test_what_has_not_changed_is_not_sent_again(anna: Client, event: dict[str, Any], header: str) -> None:
    tag = anna.get(f"/v1/events/{event['id']}").headers["etag"]
    response = anna.get(f"/v1/events/{event['id']}", headers={"if-none-match": header.format(tag)})

    assert (response.status, response.text) == (304, "")
    assert response.headers["etag"] == tag
    assert "x-correlation-id" in response.headers


@pytest.mark.parametrize(
    "header", ['"{}.2"', '"2.{}"', "1.{}", '"1"', "", '"1.{}', '"11.{}"', '"1.1{}"', "W/1.{}", '"{}"', "ж"]
)
def test_another_tag_gets_the_event(anna: Client, event: dict[str, Any], header: str) -> None:
    rest = anna.get(f"/v1/events/{event['id']}").headers["etag"].strip('"').partition(".")[2]
    response = anna.get(f"/v1/events/{event['id']}", headers={"if-none-match": header.format(rest)})

    assert (response.status, response.json["id"]) == (200, event["id"])


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE events SET title = 'Other', version = 2 WHERE id = :id",
        "UPDATE event_participants SET response_status = 'tentative' WHERE event_id = :id",
        "DELETE FROM event_participants WHERE event_id = :id",
        "UPDATE users SET full_name = 'Anna B.' WHERE id = (SELECT organizer_id FROM events WHERE id = :id)",
        "UPDATE users SET email_key = NULL WHERE id = (SELECT organizer_id FROM events WHERE id = :id)",
        "INSERT INTO acquaintances SELECT organizer_id, user_id FROM events, event_participants"
        " WHERE id = event_id AND id = :id",
    ],
)
def test_the_tag_changes_with_all_that_is_shown(
    anna: Client, event: dict[str, Any], query: Query, change: str
) -> None:
    stale = {"if-none-match": anna.get(f"/v1/events/{event['id']}").headers["etag"]}
    assert anna.get(f"/v1/events/{event['id']}", headers=stale).status == 304

    query(change, id=event["id"])

    assert anna.get(f"/v1/events/{event['id']}", headers=stale).status == 200


def test_a_stranger_learns_nothing_from_a_tag(person: Callable[..., Client], event: dict[str, Any]) -> None:
    for header in ("*", '"1.1"'):
        response = person("mallory").get(f"/v1/events/{event['id']}", headers={"if-none-match": header})
        check_problem(response, 404)


def test_counts_and_responses_are_as_they_are_now(
    anna: Client, person: Callable[..., Client], event: dict[str, Any], query: Query
) -> None:
    for status in ("accepted", "declined", "tentative"):
        query(
            """
            UPDATE event_participants SET response_status = :status, responded_at = now()
            WHERE event_id = :id
            """,
            status=status,
            id=event["id"],
        )
        read = person("boris").get(f"/v1/events/{event['id']}").json
        assert read["my_response_status"] == status
        assert read["participants"][0]["response_status"] == status
        counts = read["participant_counts"]
        assert {key for key, number in counts.items() if number} == {"total", status}

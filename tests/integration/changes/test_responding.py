"""A participant responds; the organizer is notified when the response is another one than before."""

from itertools import pairwise
from typing import Any

import pytest
from integration.api.client import Client, check_problem, pointers
from integration.changes.world import World, inbox, kinds, notifications


@pytest.fixture
def event(world: World, anna: Client, boris: Client, carol: Client) -> dict[str, Any]:
    """Anna's event; Boris is invited by id, Carol by address."""
    return world.plan(anna, boris, participant_emails=[carol.email])


def response(person: Client, event: dict[str, Any], status: str) -> Any:
    given = person.patch(f"/v1/events/{event['id']}/participants/me", {"response_status": status})
    assert given.status == 200, given.text
    return given.json


@pytest.mark.parametrize(
    ("statuses", "russian", "english"),
    [
        (
            ["accepted"],
            "Boris принимает приглашение на встречу «Планёрка».",
            "Boris has accepted the invitation to the meeting “Планёрка”.",
        ),
        (
            ["declined"],
            "Boris отклоняет приглашение на встречу «Планёрка».",
            "Boris has declined the invitation to the meeting “Планёрка”.",
        ),
        (
            ["tentative"],
            "Boris, возможно, придёт на встречу «Планёрка».",
            "Boris may come to the meeting “Планёрка”.",
        ),
        (
            ["accepted", "needs_action"],
            "Boris отзывает свой ответ на приглашение на встречу «Планёрка».",
            "Boris has withdrawn the answer to the invitation to “Планёрка”.",
        ),
    ],
)
def test_the_organizer_alone_is_notified_of_a_response(
    world: World, boris: Client, statuses: list[str], russian: str, english: str
) -> None:
    for name, locale, zone, words, when in (
        ("olga", "ru", "Europe/Moscow", russian, "Когда: пятница, 1 марта 2030 г., 10:00–10:30 (UTC+3)."),
        ("oscar", "en", "Asia/Tokyo", english, "When: Friday, March 1, 2030, 4:00 – 4:30 PM (UTC+9)."),
    ):
        organizer, guest = world.person(name, locale=locale, zoneinfo=zone), world.person(f"guest-of-{name}")
        event = world.plan(organizer, boris, guest)
        world.deliver(event)
        seen = kinds(boris)

        for status in statuses:
            response(boris, event, status)
        world.deliver(event)

        assert inbox(organizer)[-1] == f"{words} {when}"
        assert kinds(organizer) == ["participant_responded"] * len(statuses)
        assert notifications(organizer)[-1]["actor"] == {"id": boris.id, "full_name": "Boris"}
        assert kinds(guest) == ["event_invited"]
        assert kinds(boris) == seen


def test_a_response_comes_back_as_the_participant(
    event: dict[str, Any], boris: Client, carol: Client
) -> None:
    assert response(boris, event, "tentative") == {
        "user_id": boris.id,
        "email": boris.email,
        "full_name": "Boris",
        "response_status": "tentative",
    }
    assert boris.get(f"/v1/events/{event['id']}").json["my_response_status"] == "tentative"


def test_the_same_response_again_notifies_nobody_and_changes_no_tag(
    world: World, event: dict[str, Any], anna: Client, boris: Client
) -> None:
    tags = []
    for status in ("needs_action", "accepted", "accepted", "declined", "accepted", "accepted"):
        response(boris, event, status)
        tags.append(anna.get(f"/v1/events/{event['id']}").headers["etag"])
    assert [tag == earlier for earlier, tag in pairwise(tags)] == [False, True, False, False, True]
    world.deliver(event)
    verbs = [message.split()[1] for message in inbox(anna)]
    assert verbs == ["принимает", "отклоняет", "принимает"]


def test_a_response_is_no_version_and_no_sequence(event: dict[str, Any], anna: Client, boris: Client) -> None:
    stale = {"if-none-match": anna.get(f"/v1/events/{event['id']}").headers["etag"]}
    response(boris, event, "accepted")
    after = anna.get(f"/v1/events/{event['id']}").json
    assert (after["version"], after["sequence"]) == (1, 0)
    assert after["updated_at"] > event["updated_at"]
    assert anna.get(f"/v1/events/{event['id']}", headers=stale).status == 200


def test_counts_follow_the_responses(
    world: World, event: dict[str, Any], anna: Client, boris: Client
) -> None:
    others = [world.person(f"guest-{number}") for number in range(3)]
    ids = [it.id for it in others]
    assert anna.post(f"/v1/events/{event['id']}/participants", {"participant_ids": ids}).status == 200
    for person, status in zip(
        (boris, *others), ("accepted", "declined", "accepted", "tentative"), strict=True
    ):
        response(person, event, status)

    path = f"/v1/events/{event['id']}"
    assert anna.get(path).json["participant_counts"] == {
        "total": 5,
        "needs_action": 1,
        "accepted": 2,
        "declined": 1,
        "tentative": 1,
    }
    accepted = anna.get(f"{path}/participants?response_status=accepted").json["items"]
    assert {it["user_id"] for it in accepted} == {boris.id, others[1].id}


def test_a_name_shows_once_its_bearer_has_responded(
    event: dict[str, Any], anna: Client, boris: Client, carol: Client
) -> None:
    path = f"/v1/events/{event['id']}"

    def shown() -> list[str | None]:
        lists = (anna.get(path).json["participants"], boris.get(f"{path}/participants").json["items"])
        return [it["full_name"] for people in lists for it in people if it["user_id"] == carol.id]

    assert shown() == [None, None]
    # A response that is none changes nothing, and reveals nothing.
    assert response(carol, event, "needs_action")["full_name"] is None
    assert shown() == [None, None]
    assert response(carol, event, "declined")["full_name"] == "Carol"
    assert shown() == ["Carol", "Carol"]
    response(carol, event, "needs_action")
    assert shown() == ["Carol", "Carol"]


def test_an_organizer_who_takes_part_responds_and_is_not_notified(
    world: World, anna: Client, boris: Client
) -> None:
    event = world.plan(anna, anna, boris)
    assert response(anna, event, "accepted")["user_id"] == anna.id
    seen = anna.get(f"/v1/events/{event['id']}").json
    assert (seen["my_response_status"], seen["participant_counts"]["accepted"]) == ("accepted", 1)
    world.deliver(event)
    assert kinds(anna) == []


def test_only_participants_have_a_response_to_give(
    world: World, event: dict[str, Any], anna: Client, boris: Client
) -> None:
    path = f"/v1/events/{event['id']}/participants/me"
    body = {"response_status": "accepted"}
    check_problem(anna.patch(path, body), 404)
    check_problem(world.person("stranger").patch(path, body), 404)
    anna.delete(f"/v1/events/{event['id']}/participants/{boris.id}")
    check_problem(boris.patch(path, body), 404)
    assert world.outbox(event, "participant_responded") == []


def test_nobody_responds_for_somebody_else(event: dict[str, Any], anna: Client, boris: Client) -> None:
    for path in (f"participants/{boris.id}", f"participants/me?user_id={boris.id}"):
        given = anna.patch(f"/v1/events/{event['id']}/{path}", {"response_status": "accepted"})
        assert given.status in (404, 405)
    assert boris.get(f"/v1/events/{event['id']}").json["my_response_status"] == "needs_action"


def test_a_cancelled_event_takes_no_responses(
    world: World, event: dict[str, Any], anna: Client, boris: Client
) -> None:
    anna.delete(f"/v1/events/{event['id']}")
    check_problem(
        boris.patch(f"/v1/events/{event['id']}/participants/me", {"response_status": "accepted"}), 409
    )
    world.deliver(event)
    assert kinds(anna) == []


@pytest.mark.parametrize("status", ["maybe", "ACCEPTED", "", None, 1, ["accepted"]])
def test_a_response_that_is_none_is_refused(event: dict[str, Any], boris: Client, status: object) -> None:
    given = boris.patch(f"/v1/events/{event['id']}/participants/me", {"response_status": status})
    assert pointers(given) == ["/response_status"]
    assert boris.get(f"/v1/events/{event['id']}").json["my_response_status"] == "needs_action"

"""People are added to an event and removed from it: each of them is notified, and nobody else."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from convoke_api.invocation import make_handler
from integration.api.client import Client, check_problem, pointers
from integration.changes.world import World, inbox, kinds, notifications

NOBODY = "00000000-0000-4000-8000-000000000001"


@pytest.fixture
def event(world: World, anna: Client, boris: Client) -> dict[str, Any]:
    """Anna's event with Boris, who has been invited."""
    planned = world.plan(anna, boris)
    world.deliver(planned)
    return planned


def add(anna: Client, event: dict[str, Any], *people: Client, **body: Any) -> Any:
    """How many of them were added, by id."""
    body = {"participant_ids": [it.id for it in people], **body}
    response = anna.post(f"/v1/events/{event['id']}/participants", body)
    assert response.status == 200, response.text
    assert response.json.keys() == {"added"}
    return response.json["added"]


def remove(anna: Client, event: dict[str, Any], user_id: str) -> int:
    return anna.delete(f"/v1/events/{event['id']}/participants/{user_id}").status


def test_only_who_is_added_is_invited_and_in_their_own_words(
    world: World, event: dict[str, Any], anna: Client, boris: Client, carol: Client
) -> None:
    assert add(anna, event, carol) == 1

    world.deliver(event)
    assert inbox(carol) == [
        "You are invited to the meeting “Планёрка”. Organizer: Anna. "
        "When: Friday, March 1, 2030, 2:00 – 2:30 AM (UTC-5)."
    ]
    assert kinds(boris) == ["event_invited"]
    assert kinds(anna) == []


def test_newcomers_are_invited_to_the_event_as_it_is(
    world: World, event: dict[str, Any], anna: Client, boris: Client, carol: Client
) -> None:
    anna.patch(f"/v1/events/{event['id']}", {"title": "Итоги"})
    add(anna, event, carol)
    world.deliver(event)
    (message,) = inbox(carol)
    assert message.startswith("You are invited to the meeting “Итоги”.")
    assert kinds(boris) == ["event_invited", "event_updated"]


def test_people_given_by_id_and_by_address_are_added_once(
    world: World, event: dict[str, Any], anna: Client, boris: Client, carol: Client
) -> None:
    new = f"NEW@{world.domain}"
    body = {"participant_emails": [carol.email.upper(), boris.email, new]}

    assert add(anna, event, carol, **body) == 2
    assert add(anna, event, carol, **body) == 0

    assert anna.get(f"/v1/events/{event['id']}").json["participant_counts"]["total"] == 3
    newcomer = world.person("new")
    world.deliver(event)
    for person in (boris, carol, newcomer):
        assert kinds(person) == ["event_invited"]


def test_people_stay_nameless_until_they_respond_whether_given_by_id_or_by_address(
    world: World, event: dict[str, Any], anna: Client, carol: Client
) -> None:
    dora = world.person("dora")
    add(anna, event, carol, participant_emails=[carol.email, dora.email])
    shown = {
        it["email"]: it["full_name"] for it in anna.get(f"/v1/events/{event['id']}").json["participants"]
    }
    assert shown == {None: None, dora.email: None}


def test_adding_and_removing_change_the_second_part_of_the_tag_and_no_version(
    event: dict[str, Any], anna: Client, carol: Client
) -> None:
    path = f"/v1/events/{event['id']}"
    tags = [anna.get(path).headers["etag"]]
    for change in (
        lambda: add(anna, event, carol),
        lambda: add(anna, event, carol),
        lambda: add(anna, event),
        lambda: remove(anna, event, carol.id),
        lambda: remove(anna, event, carol.id),
    ):
        change()
        tags.append(anna.get(path).headers["etag"])
    assert [tag == earlier for earlier, tag in pairwise(tags)] == [False, True, True, False, True]
    assert {tag.partition(".")[0] for tag in tags} == {'"1'}
    assert anna.get(path).json["sequence"] == 0


def test_the_organizer_may_join_and_leave_and_is_notified_of_neither(
    world: World, event: dict[str, Any], anna: Client
) -> None:
    assert add(anna, event, anna) == 1
    assert anna.get(f"/v1/events/{event['id']}").json["my_response_status"] == "needs_action"
    assert remove(anna, event, anna.id) == 204
    assert anna.get(f"/v1/events/{event['id']}").json["my_response_status"] is None
    world.deliver(event)
    assert kinds(anna) == []


def test_unknown_ids_are_all_listed_and_then_nobody_is_added(
    world: World, event: dict[str, Any], anna: Client, carol: Client
) -> None:
    erased = world.person("erased")
    erased_id = erased.id
    erased.delete("/v1/me")
    body = {
        "participant_ids": [NOBODY, carol.id, erased_id],
        "participant_emails": [f"unheard-of@{world.domain}"],
    }

    response = anna.post(f"/v1/events/{event['id']}/participants", body)

    assert pointers(response) == ["/participant_ids/0", "/participant_ids/2"]
    assert anna.get(f"/v1/events/{event['id']}").json == event
    assert [row["type"] for row in world.outbox(event)] == ["event_invited"]
    assert world.query("SELECT 1 FROM users WHERE email LIKE :it", it=f"unheard-of@{world.domain}") == []


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"participant_ids": [NOBODY, NOBODY]}, "/participant_ids/1"),
        ({"participant_ids": ["x"]}, "/participant_ids/0"),
        ({"participant_ids": None}, "/participant_ids"),
        ({"participant_emails": ["a@example.org", "A@example.org"]}, "/participant_emails/1"),
        ({"participant_emails": ["nobody"]}, "/participant_emails/0"),
        ({"user_ids": []}, "/user_ids"),
    ],
)
def test_a_list_that_cannot_be_meant_is_refused(
    event: dict[str, Any], anna: Client, body: dict[str, Any], pointer: str
) -> None:
    assert pointers(anna.post(f"/v1/events/{event['id']}/participants", body)) == [pointer]
    assert anna.get(f"/v1/events/{event['id']}").json == event


def test_an_event_takes_as_many_people_as_the_setting_says_and_no_more(world: World, anna: Client) -> None:
    handler = make_handler(world.make_services(max_participants=4))
    ada = world.person("ada", handler)
    people = world.people(6)
    event = world.plan(ada, participant_ids=people[:2])
    path = f"/v1/events/{event['id']}/participants"

    assert pointers(ada.post(path, {"participant_ids": people[:5]})) == ["/participant_ids"]
    assert pointers(ada.post(path, {"participant_ids": people[2:5]})) == [""]
    assert pointers(ada.post(path, {"participant_emails": [f"{n}@{world.domain}" for n in range(3)]})) == [""]
    assert ada.get(f"/v1/events/{event['id']}").json["participant_counts"]["total"] == 2
    # Those who take part already need no room.
    assert ada.post(path, {"participant_ids": people[:4]}).json == {"added": 2}
    assert pointers(ada.post(path, {"participant_ids": people[4:5]})) == [""]


def test_a_repeated_request_adds_nobody_and_says_how_many_the_first_one_did(
    world: World, event: dict[str, Any], anna: Client, boris: Client, carol: Client
) -> None:
    path = f"/v1/events/{event['id']}/participants"
    body, key = {"participant_ids": [boris.id, carol.id]}, {"idempotency-key": "k-1"}

    responses = [anna.post(path, body, headers=key) for _ in range(3)]

    assert [(it.status, it.json) for it in responses] == [(200, {"added": 1})] * 3
    assert [it.headers.get("idempotency-replayed") for it in responses] == [None, "true", "true"]
    assert remove(anna, event, carol.id) == 204
    # What was asked for has been done: the repetition does not add her again.
    assert anna.post(path, body, headers=key).json == {"added": 1}
    assert anna.get(f"/v1/events/{event['id']}").json["participant_counts"]["total"] == 1
    assert pointers(anna.post(path, {"participant_ids": []}, headers=key)) == []
    world.deliver(event)
    assert kinds(carol) == ["event_invited", "participant_removed"]


def test_a_request_that_was_refused_keeps_its_key_free(
    event: dict[str, Any], anna: Client, carol: Client
) -> None:
    path, key = f"/v1/events/{event['id']}/participants", {"idempotency-key": "k-1"}
    assert pointers(anna.post(path, {"participant_ids": [NOBODY]}, headers=key)) == ["/participant_ids/0"]
    response = anna.post(path, {"participant_ids": [carol.id]}, headers=key)
    assert (response.json, response.headers.get("idempotency-replayed")) == ({"added": 1}, None)


def test_a_key_belongs_to_one_path(
    world: World, event: dict[str, Any], anna: Client, boris: Client, carol: Client
) -> None:
    other, key = world.plan(anna, boris), {"idempotency-key": "k-1"}
    for it in (event, other):
        path = f"/v1/events/{it['id']}/participants"
        response = anna.post(path, {"participant_ids": [carol.id]}, headers=key)
        assert (response.json, response.headers.get("idempotency-replayed")) == ({"added": 1}, None)
        assert carol.get(f"/v1/events/{it['id']}").status == 200


def test_a_removed_person_alone_is_notified_and_sees_the_event_no_more(
    world: World, event: dict[str, Any], anna: Client, boris: Client, carol: Client
) -> None:
    add(anna, event, carol)

    assert remove(anna, event, carol.id) == 204

    world.deliver(event)
    assert inbox(carol, "participant_removed") == [
        "You were removed from the meeting “Планёрка”. Organizer: Anna. "
        "When: Friday, March 1, 2030, 2:00 – 2:30 AM (UTC-5)."
    ]
    assert kinds(boris) == ["event_invited"]
    check_problem(carol.get(f"/v1/events/{event['id']}"), 404)
    # What came before the removal came in that order, and nothing comes after it.
    anna.patch(f"/v1/events/{event['id']}", {"title": "Итоги"})
    anna.delete(f"/v1/events/{event['id']}")
    world.deliver(event)
    assert kinds(carol) == ["event_invited", "participant_removed"]


@pytest.mark.parametrize("who", ["nobody", "stranger", "organizer", "removed already", "not a UUID"])
def test_only_a_participant_can_be_removed(
    world: World, event: dict[str, Any], anna: Client, carol: Client, who: str
) -> None:
    add(anna, event, carol)
    remove(anna, event, carol.id)
    ids: dict[str, Callable[[], str]] = {
        "nobody": lambda: NOBODY,
        "stranger": lambda: world.person("stranger").id,
        "organizer": lambda: anna.id,
        "removed already": lambda: carol.id,
        "not a UUID": lambda: "x",
    }
    rows = len(world.outbox(event))
    check_problem(anna.delete(f"/v1/events/{event['id']}/participants/{ids[who]()}"), 404)
    assert len(world.outbox(event)) == rows


def test_removed_and_added_again_is_notified_of_each_in_order_and_responds_anew(
    world: World, event: dict[str, Any], anna: Client, boris: Client
) -> None:
    response = {"response_status": "accepted"}
    boris.patch(f"/v1/events/{event['id']}/participants/me", response)
    remove(anna, event, boris.id)
    assert add(anna, event, boris) == 1
    remove(anna, event, boris.id)
    assert add(anna, event, boris) == 1

    # Nothing had been delivered in between: each change is delivered all the same.
    world.deliver(event)
    assert kinds(boris) == ["event_invited", *["participant_removed", "event_invited"] * 2]
    assert boris.get(f"/v1/events/{event['id']}").json["my_response_status"] == "needs_action"


def test_invited_and_removed_before_anything_was_delivered_gets_both_in_order(
    world: World, event: dict[str, Any], anna: Client, carol: Client
) -> None:
    add(anna, event, carol)
    remove(anna, event, carol.id)
    world.deliver(event)
    assert kinds(carol) == ["event_invited", "participant_removed"]
    first, second = (it["created_at"] for it in notifications(carol))
    assert first < second


def test_only_the_organizer_adds_and_removes(
    world: World, event: dict[str, Any], anna: Client, boris: Client, carol: Client
) -> None:
    path = f"/v1/events/{event['id']}/participants"
    for someone, status in ((boris, 403), (carol, 404)):
        check_problem(someone.post(path, {"participant_ids": [carol.id]}), status)
        check_problem(someone.delete(f"{path}/{boris.id}"), status)
        check_problem(someone.delete(f"{path}/{carol.id}"), status)
    assert anna.get(f"/v1/events/{event['id']}").json == event


def test_a_cancelled_event_keeps_its_people(
    world: World, event: dict[str, Any], anna: Client, boris: Client, carol: Client
) -> None:
    anna.delete(f"/v1/events/{event['id']}")
    path = f"/v1/events/{event['id']}/participants"
    check_problem(anna.post(path, {"participant_ids": [carol.id]}), 409)
    check_problem(anna.post(path, {}), 409)
    check_problem(anna.delete(f"{path}/{boris.id}"), 409)
    assert boris.get(f"/v1/events/{event['id']}").json["participant_counts"]["total"] == 1


def test_ten_thousand_are_added_in_as_many_statements_as_ten(world: World, anna: Client) -> None:
    counts = []
    for number in (10, 10_000):
        event = world.plan(anna)
        people = world.people(number)
        world.queue.calls.clear()
        for response in (number, 0):
            with world.counted_statements() as statements:
                assert add(anna, event, participant_ids=people) == response
            counts.append(len(statements))
        assert world.queue.calls == [-(-number // 1_000)]
        assert {len(row["recipient_ids"]) for row in world.outbox(event)} == {min(number, 1_000)}
    assert counts[:2] == counts[2:]
    assert max(counts) <= 5


def test_a_thousand_unknown_addresses_are_added_in_as_many_statements_as_one(
    world: World, anna: Client
) -> None:
    counts = []
    for number in (1, 1_000):
        event = world.plan(anna)
        emails = [f"{number}-{n}@{world.domain}" for n in range(number)]
        with world.counted_statements() as statements:
            assert add(anna, event, participant_emails=emails) == number
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 7

"""/v1/notifications: marking and deleting."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from integration.api.client import Client, Query, check_problem, pointers

type Notify = Callable[..., list[UUID]]


def count(client: Client) -> int:
    return int(client.get("/v1/notifications/unread-count").json["unread_count"])


def test_marking_as_read_and_unread(anna: Client, notify: Notify) -> None:
    one, _ = notify(anna.id, 2)

    read = anna.patch(f"/v1/notifications/{one}", {"read": True})
    after_reading = count(anna)
    unread = anna.patch(f"/v1/notifications/{one}", {"read": False})

    assert read.status == 200
    assert read.json == {**unread.json, "read_at": read.json["read_at"]}
    assert read.json["read_at"] is not None
    assert (unread.json["read_at"], unread.json["id"]) == (None, str(one))
    assert (after_reading, count(anna)) == (1, 2)


def test_the_first_reading_counts(anna: Client, notify: Notify) -> None:
    (one,) = notify(anna.id)

    readings = [anna.patch(f"/v1/notifications/{one}", {"read": True}).json["read_at"] for _ in range(2)]

    assert readings[0] == readings[1]


def test_deleting_one_leaves_the_others(anna: Client, notify: Notify) -> None:
    one, other = notify(anna.id, 2)

    response = anna.delete(f"/v1/notifications/{one}")

    assert (response.status, response.text) == (204, "")
    assert [it["id"] for it in anna.get("/v1/notifications").json["items"]] == [str(other)]
    check_problem(anna.delete(f"/v1/notifications/{one}"), 404)


def test_somebody_elses_notification_is_not_there(
    anna: Client, person: Callable[..., Client], notify: Notify
) -> None:
    boris = person("boris")
    (theirs,) = notify(boris.id)
    missing, headers = "00000000-0000-0000-0000-000000000001", {"x-correlation-id": "same"}

    responses = [
        response
        for name in (theirs, missing, "no-id")
        for response in (
            anna.patch(f"/v1/notifications/{name}", {"read": True}, headers=headers),
            anna.delete(f"/v1/notifications/{name}", headers=headers),
        )
    ]

    check_problem(responses[0], 404)
    assert all(response == responses[0] for response in responses)
    assert [it["read_at"] for it in boris.get("/v1/notifications").json["items"]] == [None]


def test_people_of_one_wave_reach_only_their_own_copy(
    anna: Client, person: Callable[..., Client], notify: Notify, query: Query
) -> None:
    boris = person("boris")
    (theirs,), (mine,) = notify(boris.id), notify(anna.id)
    query("UPDATE notifications SET id = :theirs WHERE id = :mine", theirs=theirs, mine=mine)

    assert anna.patch(f"/v1/notifications/{theirs}", {"read": True}).status == 200
    assert (count(anna), count(boris)) == (0, 1)
    assert anna.delete(f"/v1/notifications/{theirs}").status == 204
    assert [it["id"] for it in boris.get("/v1/notifications").json["items"]] == [str(theirs)]


@pytest.mark.parametrize("body", [None, {}, {"before": None}])
def test_all_are_marked_when_no_moment_is_given(
    anna: Client, person: Callable[..., Client], notify: Notify, body: Any
) -> None:
    boris = person("boris")
    notify(anna.id, 3)
    notify(anna.id, 2, read_at="2020-01-01T00:00:00Z")
    notify(boris.id, 1)

    response = anna.post("/v1/notifications/read-all", body)

    assert (response.status, response.json) == (200, {"updated": 3})
    assert (count(anna), count(boris)) == (0, 1)
    earlier = [
        it for it in anna.get("/v1/notifications").json["items"] if it["read_at"] == "2020-01-01T00:00:00Z"
    ]
    assert len(earlier) == 2
    assert anna.post("/v1/notifications/read-all", body).json == {"updated": 0}


def test_before_is_exclusive_and_goes_by_the_time_of_writing(anna: Client, notify: Notify) -> None:
    (earlier,) = notify(anna.id, written_at="2030-01-01T00:00:00Z")
    notify(anna.id, written_at="2030-01-01T00:00:00.000001Z")
    (late,) = notify(anna.id, written_at="2030-01-01T00:00:00.000002Z")

    first = anna.post("/v1/notifications/read-all", {"before": "2030-01-01T00:00:00.000001Z"})
    unread = [it["id"] for it in anna.get("/v1/notifications?unread=true").json["items"]]
    second = anna.post("/v1/notifications/read-all", {"before": "2030-01-01T05:00:00.000002+05:00"})

    assert (first.json, second.json) == ({"updated": 1}, {"updated": 1})
    assert str(earlier) not in unread
    assert len(unread) == 2
    assert [it["id"] for it in anna.get("/v1/notifications?unread=true").json["items"]] == [str(late)]


def test_marking_all_again_with_the_same_key_marks_no_more(anna: Client, notify: Notify) -> None:
    notify(anna.id, 2)
    key = {"idempotency-key": "k"}
    first = anna.post("/v1/notifications/read-all", {}, headers=key)
    notify(anna.id, 1)

    again = anna.post("/v1/notifications/read-all", {}, headers=key)

    assert first.json == again.json == {"updated": 2}
    assert again.headers["idempotency-replayed"] == "true"
    assert count(anna) == 1


def test_a_key_is_one_persons_and_is_forgotten_after_a_day(
    anna: Client, person: Callable[..., Client], notify: Notify, query: Query
) -> None:
    boris = person("boris")

    def mark_all(who: Client, key: str) -> tuple[int, str | None]:
        notify(who.id, 1)
        response = who.post("/v1/notifications/read-all", {}, headers={"idempotency-key": key})
        assert response.status == 200
        return response.json["updated"], response.headers.get("idempotency-replayed")

    assert mark_all(anna, "k") == (1, None)
    assert mark_all(anna, "l") == (1, None)
    assert mark_all(boris, "k") == (1, None)
    age = """UPDATE idempotency_records SET created_at = now() - make_interval(hours => :hours)
             WHERE user_id = :id"""
    query(age, hours=23, id=anna.id)
    assert mark_all(anna, "k") == (1, "true")
    query(age, hours=25, id=anna.id)
    assert mark_all(anna, "k") == (2, None)
    assert mark_all(anna, "k") == (2, "true")


@pytest.mark.parametrize(
    ("body", "blamed"),
    [
        ({"read": None}, "/read"),
        ({"read": "true"}, "/read"),
        ({"read": 1}, "/read"),
        ({}, "/read"),
        ({"read": True, "read_at": "2030-01-01T00:00:00Z"}, "/read_at"),
        ([], ""),
        (True, ""),
    ],
)
def test_marking_takes_true_or_false(anna: Client, notify: Notify, body: Any, blamed: str) -> None:
    (one,) = notify(anna.id)

    assert pointers(anna.patch(f"/v1/notifications/{one}", body)) == [blamed]
    assert count(anna) == 1


@pytest.mark.parametrize(
    ("body", "blamed"),
    [
        ({"before": "yesterday"}, "/before"),
        ({"before": 1893456000}, "/before"),
        ({"before": "2030-01-01T00:00:00"}, "/before"),
        ({"before": "0001-01-01T00:00:00+14:00"}, "/before"),
        ({"after": "2030-01-01T00:00:00Z"}, "/after"),
        ([], ""),
    ],
)
def test_a_moment_that_is_none_marks_nothing(anna: Client, notify: Notify, body: Any, blamed: str) -> None:
    notify(anna.id)

    assert pointers(anna.post("/v1/notifications/read-all", body)) == [blamed]
    assert count(anna) == 1

"""/v1/notifications: reading the inbox."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from convoke.notifications import NotificationType
from integration.api.client import Client, Query, pointers

type Notify = Callable[..., list[UUID]]


def ids(response: Any) -> list[str]:
    return [it["id"] for it in response.json["items"]]


def newest_first(notified: list[UUID]) -> list[str]:
    return [str(it) for it in reversed(notified)]


def test_an_empty_inbox_says_so(anna: Client) -> None:
    assert anna.get("/v1/notifications").json == {
        "items": [],
        "next_cursor": None,
        "unread_count": 0,
        "capped": False,
    }
    assert anna.get("/v1/notifications/unread-count").json == {"unread_count": 0, "capped": False}


def test_a_notification_holds_what_its_reader_needs(
    anna: Client, person: Callable[..., Client], notify: Notify, query: Query
) -> None:
    boris = person("boris")
    (notified,) = notify(anna.id, actor_id=boris.id)
    (row,) = query("SELECT * FROM notifications WHERE id = :id", id=notified)

    (item,) = anna.get("/v1/notifications").json["items"]

    assert item == {
        "id": str(notified),
        "type": "event_invited",
        "event_id": str(row["event_id"]),
        "title": "Title",
        "message": "Message 1",
        "actor": {"id": boris.id, "full_name": "Boris"},
        "created_at": row["created_at"].isoformat().replace("+00:00", "Z"),
        "read_at": None,
    }


def test_an_actor_without_a_name_is_called_by_address(
    anna: Client, person: Callable[..., Client], notify: Notify
) -> None:
    nameless = person("nameless", name="")
    notify(anna.id, actor_id=nameless.id)

    (item,) = anna.get("/v1/notifications").json["items"]

    assert item["actor"] == {"id": nameless.id, "full_name": nameless.email}


def test_the_newest_change_comes_first(anna: Client, notify: Notify, query: Query) -> None:
    notified = notify(anna.id, 3)
    # When it was written does not count: what arrives late has its place by the time of its change.
    query("UPDATE notifications SET written_at = now() + interval '1 h' WHERE id = :id", id=notified[0])

    assert ids(anna.get("/v1/notifications")) == newest_first(notified)


def test_nobody_sees_somebody_elses_inbox(
    anna: Client, person: Callable[..., Client], notify: Notify
) -> None:
    boris = person("boris")
    notify(boris.id, 3)

    assert ids(anna.get("/v1/notifications")) == []
    assert anna.get("/v1/notifications/unread-count").json["unread_count"] == 0


@pytest.mark.parametrize(
    ("value", "shown"),
    [("true", "unread"), ("false", "read"), (None, "all")],
)
def test_unread_selects(anna: Client, notify: Notify, value: str | None, shown: str) -> None:
    read, unread = notify(anna.id, 2, read_at="now"), notify(anna.id, 3)
    expected = {"read": read, "unread": unread, "all": [*read, *unread]}

    response = anna.get("/v1/notifications" + (f"?unread={value}" if value else ""))

    assert sorted(ids(response)) == sorted(str(it) for it in expected[shown])
    assert response.json["unread_count"] == 3


@pytest.mark.parametrize("type_", NotificationType)
def test_a_type_selects(anna: Client, notify: Notify, type_: NotificationType) -> None:
    notified = {it: notify(anna.id, type=it)[0] for it in NotificationType}
    notify(anna.id, type=type_, read_at="now")

    response = anna.get(f"/v1/notifications?type={type_}&unread=true")

    assert ids(response) == [str(notified[type_])]
    assert response.json["unread_count"] == len(NotificationType)


@pytest.mark.parametrize(
    ("query_string", "blamed"),
    [
        ("type=event_exploded", "/type"),
        ("type=", "/type"),
        ("type=EVENT_INVITED", "/type"),
        ("type=event_invited%00", "/type"),
        ("unread=maybe", "/unread"),
        ("unread=", "/unread"),
        ("unread=null", "/unread"),
    ],
)
def test_an_unknown_filter_value_is_refused(anna: Client, query_string: str, blamed: str) -> None:
    assert pointers(anna.get(f"/v1/notifications?{query_string}")) == [blamed]


def test_a_page_does_not_shift_when_notifications_arrive(anna: Client, notify: Notify) -> None:
    before = notify(anna.id, 5)
    first = anna.get("/v1/notifications?limit=2")
    arrived = notify(anna.id, 3)

    second = anna.get(f"/v1/notifications?limit=2&cursor={first.json['next_cursor']}")
    third = anna.get(f"/v1/notifications?limit=2&cursor={second.json['next_cursor']}")

    assert ids(first) + ids(second) + ids(third) == newest_first(before)
    assert third.json["next_cursor"] is None
    assert third.json["unread_count"] == len(before) + len(arrived)


def test_pages_go_through_a_filter_that_what_was_read_leaves(anna: Client, notify: Notify) -> None:
    notified = notify(anna.id, 4)
    first = anna.get("/v1/notifications?unread=true&limit=2")
    for notification_id in ids(first):
        anna.patch(f"/v1/notifications/{notification_id}", {"read": True})

    second = anna.get(f"/v1/notifications?unread=true&limit=2&cursor={first.json['next_cursor']}")

    assert ids(first) + ids(second) == newest_first(notified)
    assert second.json["next_cursor"] is None


def test_an_empty_page_still_has_the_count(anna: Client, notify: Notify) -> None:
    notify(anna.id, 3)

    page = anna.get("/v1/notifications?type=event_cancelled").json

    assert page == {"items": [], "next_cursor": None, "unread_count": 3, "capped": False}


@pytest.mark.parametrize(
    ("number", "count", "capped"),
    [(98, 98, False), (99, 99, False), (100, 100, True), (101, 100, True), (150, 100, True)],
)
def test_the_count_is_exact_up_to_99(
    anna: Client, notify: Notify, number: int, count: int, capped: bool
) -> None:
    notify(anna.id, number)
    notify(anna.id, 10, read_at="now")

    assert anna.get("/v1/notifications/unread-count").json == {"unread_count": count, "capped": capped}
    page = anna.get("/v1/notifications?limit=1").json
    assert (page["unread_count"], page["capped"]) == (count, capped)

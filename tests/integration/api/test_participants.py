"""GET /v1/events/{event_id}/participants: pages of who is invited."""

from collections.abc import Callable
from typing import Any

import pytest
from integration.api.client import Client, Query, pointers


@pytest.fixture
def invited(
    anna: Client, event_body: dict[str, Any], make_users: Callable[[int], list[str]]
) -> tuple[str, list[str]]:
    """The participants' path of an event with five, and their ids in order."""
    ids = make_users(5)
    event = anna.post("/v1/events", {**event_body, "participant_ids": ids}).json
    return f"/v1/events/{event['id']}/participants", ids


def test_pages_go_by_id_and_hold_everybody_once(anna: Client, invited: tuple[str, list[str]]) -> None:
    path, ids = invited
    read, cursor = [], ""
    while cursor is not None:
        page = anna.get(f"{path}?limit=2" + (f"&cursor={cursor}" if cursor else "")).json
        read.append([it["user_id"] for it in page["items"]])
        cursor = page["next_cursor"]

    assert read == [ids[:2], ids[2:4], ids[4:]]


def test_a_full_last_page_is_the_last(anna: Client, invited: tuple[str, list[str]]) -> None:
    path, ids = invited

    page = anna.get(f"{path}?limit=5").json

    assert [it["user_id"] for it in page["items"]] == ids
    assert page["next_cursor"] is None


def test_a_participant_reads_them_too(
    anna: Client, person: Callable[..., Client], event_body: dict[str, Any]
) -> None:
    boris = person("boris")
    event = anna.post("/v1/events", {**event_body, "participant_ids": [boris.id]}).json

    assert boris.get(f"/v1/events/{event['id']}/participants").json == {
        "items": event["participants"],
        "next_cursor": None,
    }


def test_a_response_selects(anna: Client, invited: tuple[str, list[str]], query: Query) -> None:
    path, ids = invited
    for user_id, status in zip(ids, ["accepted", "declined", "accepted", "tentative"], strict=False):
        query(
            "UPDATE event_participants SET response_status = :status WHERE user_id = :id",
            status=status,
            id=user_id,
        )

    def select(status: str) -> list[str]:
        return [it["user_id"] for it in anna.get(f"{path}?response_status={status}").json["items"]]

    assert select("accepted") == [ids[0], ids[2]]
    assert (select("declined"), select("tentative"), select("needs_action")) == ([ids[1]], [ids[3]], [ids[4]])
    page = anna.get(f"{path}?response_status=accepted&limit=1").json
    following = anna.get(f"{path}?response_status=accepted&limit=1&cursor={page['next_cursor']}").json
    assert [it["user_id"] for it in page["items"] + following["items"]] == [ids[0], ids[2]]
    assert following["next_cursor"] is None


@pytest.mark.parametrize("status", ["", "maybe", "ACCEPTED", "accepted%00"])
def test_a_response_that_nobody_can_give_is_refused(
    anna: Client, invited: tuple[str, list[str]], status: str
) -> None:
    assert pointers(anna.get(f"{invited[0]}?response_status={status}")) == ["/response_status"]

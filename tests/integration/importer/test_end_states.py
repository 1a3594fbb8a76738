"""The final state after the scheduling examples of RFC 2446 (now RFC 5546), by event and person.

Stated by hand, from the files and the RFC (4.x.y are sections of RFC 2446). Each event is as its organizer
sees it; each inbox has the notifications of that person, the oldest first. RFC 5546, 2.1.5 decides between
revisions: SEQUENCE, then DTSTAMP.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from convoke.domain import email_key
from integration.importer.scene import Scene

DATA = Path(__file__).parents[4] / "shared" / "data"

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the public test files are not beside the checkout")

INVITED, UPDATED, CANCELLED, ANSWERED = (
    "event_invited",
    "event_updated",
    "event_cancelled",
    "participant_responded",
)
CONFERENCE = "calsrv.example.com-873970198738777@example.com"
GAME = "0981234-1234234-23@example.com"
DISCUSSION = "calsrv.example.com-873970198738777a@example.com"
DELEGATED = "calsrv.example.com-873970198738779@example.com"
FIRST_PUBLISHED, SECOND_PUBLISHED = (
    "calsrv.example.com-1001@example.com",
    "calsrv.example.com-1002@example.com",
)


def summarize(event: Mapping[str, Any]) -> dict[str, Any]:
    said = {name: event[name] for name in ("title", "location", "status", "sequence", "all_day", "time_zone")}
    times = {name: event[name].removeprefix("2037-07-01T") for name in ("starts_at", "ends_at")}
    # A person invited by address has their own spelling of it only after their first request.
    responses = {email_key(person["email"]): person["response_status"] for person in event["participants"]}
    return {**said, **times, "responses": responses}


def state(**values: Any) -> dict[str, Any]:
    """Return the final state of an event without the common part: an hour of 1 July 2037, in UTC."""
    return {"location": None, "all_day": False, "time_zone": "UTC", "responses": {}, **values}


def read_notified(scene: Scene, person: str) -> list[tuple[str, str]]:
    uids = {
        event["id"]: event["uid"]
        for event in scene.request(person, "GET", "/v1/events?limit=100").json()["items"]
    }
    return [(item["type"], uids[item["event_id"]]) for item in scene.read_inbox(person)]


def list_uids(scene: Scene, organizer: str) -> set[str]:
    events = scene.request(organizer, "GET", "/v1/events?limit=100").json()["items"]
    return {event["uid"] for event in events if event["organizer"]["email"].lower() == organizer.lower()}


def test_the_examples_of_the_rfc_end_as_it_describes(scene: Scene) -> None:
    scene.import_as_future(DATA / "itip-rfc2446.ics")
    # a@ and A@ are one person. Series are not supported: there is none of guid-1@, 123456789@ and so on.
    assert list_uids(scene, "A@example.com") == {GAME, CONFERENCE, DISCUSSION}

    # 4.1.1 publishes the game at 20:00 without an end. 4.1.2 (SEQUENCE 1) moves it to 21:00 until 23:00.
    # 4.1.3 (SEQUENCE 2) cancels it: "DUKES forfeit the game". 4.1.4 (SEQUENCE 3) would end a day before it
    # starts, and Bastille Day, of the same UID, is a series. Nobody is invited to what is published.
    assert summarize(scene.read_event("a@example.com", GAME)) == state(
        title="ST. PAUL SAINTS -VS- DULUTH-SUPERIOR DUKES",
        starts_at="21:00:00Z",
        ends_at="23:00:00Z",
        status="cancelled",
        sequence=2,
    )

    # 4.2.1 invites B, C, D and E at 20:00 (A chairs, the room is no person). 4.2.2: B accepts. 4.2.3
    # (SEQUENCE 1) makes it a "Phone Conference" from 18:00 to 19:00; responses survive that. The request that
    # answers B's counter-proposal has the SEQUENCE and DTSTAMP of 4.2.3 (the RFC means …777a), so it is not
    # later. 4.2.5 to 4.2.7: C's delegation to E is not supported, and its requests have SEQUENCE 0; E was
    # invited in the first place and accepts. 4.2.9 cancels with SEQUENCE 1. After that, 4.2.10 takes B off
    # the hook and calls the others (SEQUENCE 2), which a cancelled event does not do. Convoke counts the
    # cancellation as a revision: 2.
    assert summarize(scene.read_event("A@example.com", CONFERENCE)) == state(
        title="Phone Conference",
        starts_at="18:00:00Z",
        ends_at="19:00:00Z",
        status="cancelled",
        sequence=2,
        responses={
            "b@example.com": "accepted",
            "c@example.com": "needs_action",
            "d@example.com": "needs_action",
            "e@example.com": "accepted",
        },
    )

    # 4.2.4 invites B and C; B's counter-proposal is the organizer's to take, and changes nothing.
    assert summarize(scene.read_event("A@example.com", DISCUSSION)) == state(
        title="Discuss the Merits of the election results",
        location="Green Conference Room",
        starts_at="19:00:00Z",
        ends_at="20:00:00Z",
        status="confirmed",
        sequence=0,
        responses={"b@example.com": "needs_action", "c@example.com": "needs_action"},
    )

    assert read_notified(scene, "A@example.com") == [(ANSWERED, CONFERENCE), (ANSWERED, CONFERENCE)]
    for person in ("B@example.com", "C@example.com"):
        assert read_notified(scene, person) == [
            (INVITED, CONFERENCE),
            (UPDATED, CONFERENCE),
            (INVITED, DISCUSSION),
            (CANCELLED, CONFERENCE),
        ]
    for person in ("D@example.com", "E@example.com"):
        assert read_notified(scene, person) == [
            (INVITED, CONFERENCE),
            (UPDATED, CONFERENCE),
            (CANCELLED, CONFERENCE),
        ]


def test_the_texts_say_who_and_what_the_examples_say(scene: Scene) -> None:
    scene.import_as_future(DATA / "itip-rfc2446.ics")
    responses = [item["message"] for item in scene.read_inbox("A@example.com")]
    assert ["B@example.com" in responses[0], "E@example.com" in responses[1]] == [True, True]
    assert all("«Phone Conference»" in message or "«Conference»" in message for message in responses)
    invited, updated, cancelled = (item["message"] for item in scene.read_inbox("D@example.com"))
    assert invited.startswith("Вас пригласили на встречу «Conference»")
    assert updated.startswith("Встреча «Phone Conference» была изменена")
    assert "«Conference»" in updated
    assert cancelled.startswith("Встреча «Phone Conference» была отменена")


def test_what_comes_in_from_others_ends_as_the_notes_of_the_file_expect(scene: Scene) -> None:
    scene.import_as_future(DATA / "itip-incoming.ics")
    # I1 (…776) ends at "T10300Z". A organizes nothing in the file: the replies to …785 find no event.
    assert list_uids(scene, "B@example.com") == {CONFERENCE, DELEGATED, FIRST_PUBLISHED, SECOND_PUBLISHED}
    assert list_uids(scene, "A@example.com") == set()

    # I2 invites A, C, D and E at 20:00 with SEQUENCE 2. I3 "Updates C1": SEQUENCE 2 too, DTSTAMP half an hour
    # later; Convoke counts the change: 3. I4 is OBSOLETE: SEQUENCE 0. I11 cancels SEQUENCE 1: the event was
    # of 2 by then. I12 is a counter-proposal.
    assert summarize(scene.read_event("B@example.com", CONFERENCE)) == state(
        title="Pool party",
        starts_at="19:00:00Z",
        ends_at="19:30:00Z",
        status="confirmed",
        sequence=3,
        responses={f"{name}@example.com": "needs_action" for name in "acde"},
    )
    # I7: C delegates to A in an event that is new here: both are on it.
    assert summarize(scene.read_event("B@example.com", DELEGATED)) == state(
        title="Conference",
        starts_at="19:00:00Z",
        ends_at="19:30:00Z",
        status="confirmed",
        sequence=2,
        responses={"a@example.com": "needs_action", "c@example.com": "needs_action"},
    )
    # I13, I14: published, so nobody is invited.
    for uid, ends_at, sequence in ((FIRST_PUBLISHED, "10:30:00Z", 0), (SECOND_PUBLISHED, "11:00:00Z", 2)):
        assert summarize(scene.read_event("B@example.com", uid)) == state(
            title="Conference", starts_at="10:00:00Z", ends_at=ends_at, status="confirmed", sequence=sequence
        )

    for person in ("A@example.com", "C@example.com"):
        assert read_notified(scene, person) == [
            (INVITED, CONFERENCE),
            (UPDATED, CONFERENCE),
            (INVITED, DELEGATED),
        ]
    for person in ("D@example.com", "E@example.com"):
        assert read_notified(scene, person) == [(INVITED, CONFERENCE), (UPDATED, CONFERENCE)]
    # B acts in all of it. X and Y (I9, I10) were not invited to anything.
    for person in ("B@example.com", "X@example.com", "Y@example.com"):
        assert read_notified(scene, person) == []


def test_the_two_files_do_not_touch_each_other_s_events(scene: Scene) -> None:
    # …777 is B's event in one file and A's in the other.
    scene.import_as_future(DATA / "itip-incoming.ics", DATA / "itip-rfc2446.ics")
    b, a = (
        next(
            event
            for event in scene.request(person, "GET", f"/v1/events?uid={CONFERENCE}").json()["items"]
            if event["organizer"]["email"].lower() == person
        )
        for person in ("b@example.com", "a@example.com")
    )
    assert (b["title"], b["status"]) == ("Pool party", "confirmed")
    assert (a["title"], a["status"]) == ("Phone Conference", "cancelled")


def test_the_large_file_leaves_five_events_and_notifies_each_person_once(scene: Scene) -> None:
    # Its 30 copies of the RFC's examples, and 33 of RFC 2445's, are one: the others are known or obsolete.
    scene.import_as_future(DATA / "calendar-large.ics")
    game = scene.read_event("a@example.com", GAME)
    assert (game["status"], game["sequence"], game["participants"]) == ("cancelled", 2, [])
    # "Conference" cannot be read here (it ends at "T2000000Z"), so that B replies before there is an event.
    assert summarize(scene.read_event("A@example.com", CONFERENCE))["responses"] == {
        "b@example.com": "needs_action",
        "c@example.com": "needs_action",
        "d@example.com": "needs_action",
        "e@example.com": "accepted",
    }
    notified = {
        "A@example.com": [(ANSWERED, CONFERENCE)],
        "B@example.com": [(INVITED, CONFERENCE), (INVITED, DISCUSSION), (CANCELLED, CONFERENCE)],
        "C@example.com": [(INVITED, CONFERENCE), (INVITED, DISCUSSION), (CANCELLED, CONFERENCE)],
        "D@example.com": [(INVITED, CONFERENCE), (CANCELLED, CONFERENCE)],
        "E@example.com": [(INVITED, CONFERENCE), (CANCELLED, CONFERENCE)],
        "employee-A@host.com": [(INVITED, "guid-1.host1.com")],
        "mrbig@host.com": [],
        # Published: nobody is invited.
        "jdoe@host1.com": [],
    }
    assert {person: read_notified(scene, person) for person in notified} == notified
    assert scene.read_everything()["rows"][1] == sum(map(len, notified.values()))


@pytest.mark.parametrize(
    ("name", "events", "notifications"),
    [
        ("google-export.ics", 0, 0),  # all of it is recurrence
        ("itip-incoming.ics", 4, 4 + 4 + 2),  # I2 and I3 tell four, I7 two
        ("itip-rfc2446.ics", 3, 4 + 1 + 4 + 2 + 1 + 4),  # …777: 4 + B + 4, …777a: 2, …777: E + 4
        ("calendar-large.ics", 5, 1 + 4 + 2 + 1 + 4),  # guid-1, …777, …777a, E, …777 cancelled
    ],
)
def test_importing_a_file_again_changes_no_etag_and_notifies_nobody(
    scene: Scene, name: str, events: int, notifications: int
) -> None:
    scene.import_as_future(DATA / name)
    before = scene.read_everything()
    assert (len(before["etags"]), before["rows"][1]) == (events, notifications)
    again = scene.import_as_future(DATA / name)
    assert [again[name] for name in ("created", "updated", "cancelled", "replied")] == [0, 0, 0, 0]
    assert scene.read_everything() == before

"""GET /v1/events/{event_id}/calendar.ics, read back by the library that other calendars would use."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import pytest
from integration.api.client import Client, Response, check_problem, version_of
from integration.changes.world import World

ODD = 'Quotes "x", ^caret; colons: and\nlines, Юникод \U0001f9d1\u200d\U0001f680, \\n and \\'


def fetch(person: Client, event: dict[str, Any], **headers: str) -> Response:
    return person.get(f"/v1/events/{event['id']}/calendar.ics", headers=headers)


def read(person: Client, event: dict[str, Any]) -> Any:
    """The one VEVENT of the file, after a look at the file as a whole."""
    response = fetch(person, event)
    assert response.status == 200
    assert response.headers["content-type"] == "text/calendar; charset=utf-8"
    assert response.headers["content-disposition"] == f'attachment; filename="{event["id"]}.ics"'
    assert response.text.endswith("END:VCALENDAR\r\n")
    # RFC 5545, 3.1: lines end with CRLF and have 75 octets at most; none is cut within a character.
    lines = response.text.removesuffix("\r\n").split("\r\n")
    assert all(len(line.encode()) <= 75 for line in lines)
    assert not any("\n" in line or "\r" in line for line in lines)
    calendar = icalendar.Calendar.from_ical(response.text)
    assert (calendar["VERSION"], calendar["PRODID"]) == ("2.0", "-//Convoke//EN")
    assert "METHOD" not in calendar
    (component,) = calendar.walk("VEVENT")
    return component


def offsets(component: Any, response: Response) -> dict[str, timedelta]:
    """The offset at the start and the end as the file's own VTIMEZONE tells it."""
    calendar = icalendar.Calendar.from_ical(response.text)
    (zone,) = (it.to_tz() for it in calendar.walk("VTIMEZONE"))
    return {
        name: component[name].dt.replace(tzinfo=None).replace(tzinfo=zone).utcoffset()
        for name in ("DTSTART", "DTEND")
    }


def test_an_event_stands_in_its_own_zone_for_every_reader(
    world: World, anna: Client, boris: Client, carol: Client
) -> None:
    event = world.plan(anna, boris, carol, description="Итоги\nнедели", location="Зал 1, вход со двора")

    for reader in (anna, boris, carol):
        component = read(reader, event)
        assert component["UID"] == event["uid"]
        assert component["SUMMARY"] == "Планёрка"
        assert component["DESCRIPTION"] == "Итоги\nнедели"
        assert component["LOCATION"] == "Зал 1, вход со двора"
        assert (component["STATUS"], component["SEQUENCE"]) == ("CONFIRMED", 0)
        assert component["DTSTART"].params["TZID"] == "Europe/Moscow"
        assert component["DTSTART"].dt == datetime(2030, 3, 1, 10, 0, tzinfo=ZoneInfo("Europe/Moscow"))
        assert component["DTEND"].dt == datetime(2030, 3, 1, 10, 30, tzinfo=ZoneInfo("Europe/Moscow"))
        for name, field in (
            ("DTSTAMP", "updated_at"),
            ("CREATED", "created_at"),
            ("LAST-MODIFIED", "updated_at"),
        ):
            instant = datetime.fromisoformat(event[field])
            assert component[name].dt == instant.replace(microsecond=0)
        assert component["DTSTAMP"].dt.utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    ("zone", "start", "end", "start_offset", "end_offset"),
    [
        ("Europe/Moscow", "2030-03-01T07:00:00Z", "2030-03-01T08:00:00Z", 3, 3),
        ("America/New_York", "2030-01-15T12:00:00Z", "2030-01-15T13:00:00Z", -5, -5),
        ("America/New_York", "2030-07-15T12:00:00Z", "2030-07-15T13:00:00Z", -4, -4),
        # Over the change of clocks, in each direction.
        ("Europe/Berlin", "2030-03-30T22:00:00Z", "2030-03-31T10:00:00Z", 1, 2),
        ("Europe/Berlin", "2030-10-26T22:00:00Z", "2030-10-27T10:00:00Z", 2, 1),
        ("Asia/Kathmandu", "2030-01-15T12:00:00Z", "2030-01-15T13:00:00Z", 5.75, 5.75),
        ("Australia/Lord_Howe", "2030-01-15T12:00:00Z", "2030-01-15T13:00:00Z", 11, 11),
        ("Africa/Casablanca", "2030-01-15T12:00:00Z", "2030-01-15T13:00:00Z", None, None),
        ("Asia/Gaza", "2030-07-15T12:00:00Z", "2030-07-15T13:00:00Z", 3, 3),
        ("Etc/GMT+5", "2030-07-15T12:00:00Z", "2030-07-15T13:00:00Z", -5, -5),
        ("EST5EDT", "2030-07-15T12:00:00Z", "2030-07-15T13:00:00Z", -4, -4),
        ("Asia/Kolkata", "1970-01-01T00:00:00Z", "1970-01-01T01:00:00Z", 5.5, 5.5),
        ("America/New_York", "2100-12-31T20:00:00Z", "2100-12-31T21:00:00Z", -5, -5),
    ],
)
def test_the_file_brings_the_rules_of_its_zone(
    world: World,
    anna: Client,
    zone: str,
    start: str,
    end: str,
    start_offset: float | None,
    end_offset: float | None,
) -> None:
    event = world.plan(anna, time_zone=zone, starts_at=start, ends_at=end)
    component = read(anna, event)
    assert component["DTSTART"].params["TZID"] == zone
    found = offsets(component, fetch(anna, event))
    for name, instant, hours in (("DTSTART", start, start_offset), ("DTEND", end, end_offset)):
        expected = datetime.fromisoformat(instant).astimezone(ZoneInfo(zone))
        assert component[name].dt == expected
        assert found[name] == expected.utcoffset()
        if hours is not None:
            assert found[name] == timedelta(hours=hours)


def test_universal_time_needs_no_rules(world: World, anna: Client) -> None:
    event = world.plan(anna, time_zone="UTC")
    response = fetch(anna, event)
    assert "DTSTART:20300301T070000Z\r\n" in response.text
    assert "VTIMEZONE" not in response.text
    assert read(anna, event)["DTSTART"].dt == datetime(2030, 3, 1, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    ("start", "end", "days"),
    [
        ("2030-03-01T00:00:00+03:00", "2030-03-03T00:00:00+03:00", (date(2030, 3, 1), date(2030, 3, 3))),
        ("2030-03-01T00:00:00+03:00", "2030-03-02T00:00:00+03:00", (date(2030, 3, 1), date(2030, 3, 2))),
        # RFC 5545, 3.6.1: a date without an end lasts for one day; an end must be later than the start.
        ("2030-03-01T00:00:00+03:00", "2030-03-01T00:00:00+03:00", (date(2030, 3, 1), None)),
    ],
)
def test_whole_days_are_dates_and_the_end_is_not_one_of_them(
    world: World, anna: Client, start: str, end: str, days: tuple[date, date | None]
) -> None:
    component = read(anna, world.plan(anna, all_day=True, starts_at=start, ends_at=end))
    assert component["DTSTART"].params["VALUE"] == "DATE"
    assert "TZID" not in component["DTSTART"].params
    assert (component["DTSTART"].dt, getattr(component.get("DTEND"), "dt", None)) == days


def test_an_event_without_length_has_no_end(world: World, anna: Client) -> None:
    # RFC 5545, 3.6.1: it ends when it starts; 3.8.2.2: an end that is given is later than the start.
    component = read(anna, world.plan(anna, ends_at="2030-03-01T07:00:00Z"))
    assert "DTEND" not in component
    assert component["DTSTART"].dt == datetime(2030, 3, 1, 7, tzinfo=UTC)


def test_people_stand_with_their_responses(world: World, anna: Client, boris: Client, carol: Client) -> None:
    dora, emil = world.person("dora"), world.person("emil")
    event = world.plan(anna, boris, carol, dora, participant_emails=[emil.email])
    for person, status in ((boris, "accepted"), (carol, "declined"), (dora, "tentative")):
        person.patch(f"/v1/events/{event['id']}/participants/me", {"response_status": status})

    component = read(boris, event)

    organizer = component["ORGANIZER"]
    assert (organizer, organizer.params["CN"]) == (f"mailto:{anna.email}", "Anna")
    assert {(str(it), it.params.get("CN"), it.params["PARTSTAT"]) for it in component["ATTENDEE"]} == {
        (f"mailto:{boris.email}", "Boris", "ACCEPTED"),
        (f"mailto:{carol.email}", "Carol", "DECLINED"),
        (f"mailto:{dora.email}", "Dora", "TENTATIVE"),
        # Invited by address, and nameless until there is a response.
        (f"mailto:{emil.email}", None, "NEEDS-ACTION"),
    }


def test_more_than_a_page_of_people_are_all_there(world: World, anna: Client) -> None:
    event = world.plan(anna, participant_ids=world.people(150))
    assert len(read(anna, event)["ATTENDEE"]) == 150


def test_an_erased_person_is_a_number_without_a_name(world: World, anna: Client, boris: Client) -> None:
    boris_id = boris.id
    event = world.plan(anna, boris)
    boris.delete("/v1/me")
    (attendee,) = [read(anna, event)["ATTENDEE"]]
    assert str(attendee) == f"urn:uuid:{boris_id}"
    assert "CN" not in attendee.params


def test_a_change_raises_the_sequence_and_a_cancellation_shows(
    world: World, anna: Client, boris: Client
) -> None:
    event = world.plan(anna, boris, uid="kept@example.org", sequence=4)
    path = f"/v1/events/{event['id']}"
    anna.patch(path, {"title": "Итоги"})
    component = read(boris, event)
    assert (component["UID"], component["SEQUENCE"], component["SUMMARY"]) == ("kept@example.org", 5, "Итоги")
    anna.delete(path)
    component = read(boris, event)
    assert (component["STATUS"], component["SEQUENCE"]) == ("CANCELLED", 6)


def test_odd_characters_come_back_as_they_were_typed(world: World, boris: Client) -> None:
    odd = world.person("odd", name=ODD)
    texts = {"title": ODD, "description": f"{ODD}\n\n\t{ODD}", "location": ODD * 3, "uid": ODD}
    event = world.plan(odd, boris, **texts)
    component = read(boris, event)
    names = {"title": "SUMMARY", "description": "DESCRIPTION", "location": "LOCATION", "uid": "UID"}
    assert {field: str(component[name]) for field, name in names.items()} == texts
    assert component["ORGANIZER"].params["CN"] == ODD


@pytest.mark.parametrize(
    "text", ["x\nATTENDEE:mailto:evil@example.org", "x\r\nEND:VEVENT\r\nBEGIN:VEVENT", 'x";X="y:z']
)
def test_what_is_typed_adds_no_line_to_the_file(world: World, boris: Client, text: str) -> None:
    evil = world.person("evil", name=text.replace("\r", ""))
    event = world.plan(evil, boris, title=text, location=text, description=text, uid=text)
    component = read(boris, event)
    assert isinstance(component["ATTENDEE"], icalendar.vCalAddress)
    assert str(component["SUMMARY"]) == text.replace("\r\n", "\n")


def test_the_tag_is_that_of_the_file(world: World, anna: Client, boris: Client) -> None:
    event = world.plan(anna, boris)
    response = fetch(boris, event)
    tag = response.headers["etag"]
    assert version_of(response) == "1"
    assert tag != boris.get(f"/v1/events/{event['id']}").headers["etag"]
    unchanged = fetch(boris, event, **{"if-none-match": f'"0.1", W/{tag}'})
    assert (unchanged.status, unchanged.text, unchanged.headers["etag"]) == (304, "", tag)
    boris.patch(f"/v1/events/{event['id']}/participants/me", {"response_status": "accepted"})
    changed = fetch(boris, event, **{"if-none-match": tag})
    assert (changed.status, version_of(changed)) == (200, "1")
    assert changed.headers["etag"] != tag


def test_the_tag_of_the_file_changes_with_a_name_that_the_event_does_not_show(
    world: World, anna: Client
) -> None:
    people = world.people(101)
    event = world.plan(anna, participant_ids=people)
    path = f"/v1/events/{event['id']}"
    file, shown = fetch(anna, event).headers["etag"], anna.get(path).headers["etag"]

    world.query("INSERT INTO acquaintances VALUES (:anna, :last)", anna=anna.id, last=people[-1])

    assert anna.get(path).headers["etag"] == shown
    assert fetch(anna, event).headers["etag"] != file


def test_a_file_is_for_the_people_of_the_event(
    world: World, anna: Client, boris: Client, carol: Client
) -> None:
    event = world.plan(anna, boris)
    refusal = fetch(carol, event)
    check_problem(refusal, 404)
    missing = carol.get("/v1/events/00000000-0000-7000-8000-000000000000/calendar.ics")
    assert refusal.text == missing.text
    check_problem(carol.get("/v1/events/x/calendar.ics"), 404)
    check_problem(Client(world.handler, None).get(f"/v1/events/{event['id']}/calendar.ics"), 401)

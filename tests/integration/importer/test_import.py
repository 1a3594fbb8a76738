"""Import calendars through the API's real handler into a real PostgreSQL."""

from collections import Counter
from pathlib import Path

import pytest
from convoke_importer.client import ConvokeClient
from convoke_importer.command import plan_files
from convoke_importer.connection import Connection
from convoke_importer.execution import apply_plans
from convoke_importer.ledger import Ledger
from convoke_importer.report import Summary
from integration.importer.scene import URL, MakeTransport, Scene, make_person_token
from integration.worker.stage import query
from sqlalchemy import Engine, text
from unit.importer.calendar_text import calendar, event
from unit.importer.test_given_files import DATA, EXPECTATIONS

TABLES = ("users", "events", "event_participants", "outbox", "notifications")


def count_rows(engine: Engine) -> dict[str, int]:
    return {table: query(engine, f"SELECT count(*) FROM {table}")[0][0] for table in TABLES}


@pytest.mark.skipif(not DATA.is_dir(), reason="the public test files are not beside the checkout")
@pytest.mark.parametrize("name", EXPECTATIONS)
def test_a_public_file_does_what_was_counted_by_hand_and_nothing_the_second_time(
    name: str, scene: Scene
) -> None:
    expected = EXPECTATIONS[name]
    first = scene.import_files(DATA / name)
    stored = query(scene.engine, "SELECT email, uid FROM events JOIN users ON users.id = organizer_id")
    # One person has one address, in the spelling that came first: a@ and A@ are the same.
    assert {(row.email.lower(), row.uid) for row in stored} == {
        (email.lower(), uid) for email, uid in expected.created
    }
    counts = {count: first[count] for count in ("created", "updated", "cancelled", "replied")}
    assert counts == {
        "created": len(expected.created),
        "updated": expected.updated,
        "cancelled": expected.cancelled,
        "replied": expected.replied,
    }
    assert Counter((skip["component"], skip["reason"]) for skip in first["skipped"]) == expected.skipped

    before = count_rows(scene.engine)
    second = scene.import_files(DATA / name)
    assert {second[count] for count in counts} == {0}
    assert count_rows(scene.engine) == before


def test_the_organizer_owns_the_event_and_the_others_are_owed_an_invitation(scene: Scene) -> None:
    attendees = [f"ATTENDEE:mailto:{name}@example.org" for name in ("ann", "bob", "Eve")]
    start = ";TZID=Europe/Moscow:20270301T100000"
    text = calendar(event("SEQUENCE:3", "DURATION:PT1H", *attendees, DTSTART=start, SUMMARY=":Планёрка"))
    assert scene.import_text(text) == {
        "created": 1,
        "updated": 0,
        "cancelled": 0,
        "replied": 0,
        "skipped": [],
    }
    (stored,) = query(scene.engine, "SELECT * FROM events")
    assert (stored.uid, stored.sequence, stored.title) == ("1@example.org", 3, "Планёрка")
    assert stored.starts_at.isoformat() == "2027-03-01T07:00:00+00:00"
    assert stored.time_zone == "Europe/Moscow"
    for person in ("bob@example.org", "Eve@example.org"):
        assert [item["type"] for item in scene.read_inbox(person)] == ["event_invited"]
    assert scene.read_inbox("ann@example.org") == []


def test_odd_events_are_all_taken_by_the_api(scene: Scene) -> None:
    many = ["ATTENDEE:mailto:" + "x" * 65 + "@example.org", "ATTENDEE:mailto:.@x", "ATTENDEE:mailto:a b@x"]
    summary = scene.import_text(
        calendar(
            event(SUMMARY=":" + "ы" * 500, UID=":" + "u" * 500),
            event("DESCRIPTION:\x00\ud7ff\x85\ufffe", *many, SUMMARY=None, UID=None),
            event(DTSTART=";VALUE=DATE:20181104", UID=":gap", ORGANIZER=";CN=\ufffe:mailto:ann@example.org"),
            event(DTSTART=":19700101T000000Z", UID=":first"),
            event(DTSTART=":21001231T235959Z", UID=":last"),
            X_WR_TIMEZONE="America/Sao_Paulo",
        )
    )
    assert summary["skipped"] == []
    assert count_rows(scene.engine)["events"] == 5


def test_what_the_api_refuses_is_skipped_with_its_explanation(scene: Scene) -> None:
    summary = scene.import_text(calendar(event(DTSTART=":21010101T000000Z"), event(UID=":2")))
    assert summary["created"] == 1
    (skip,) = summary["skipped"]
    assert skip["reason"].startswith("refused: ")
    assert "/starts_at must be in the years 1970 to 2100" in skip["reason"]


def test_a_full_quota_is_waited_out_and_nothing_is_lost(
    tmp_path: Path, make_transport: MakeTransport, engine: Engine
) -> None:
    path = tmp_path / "many.ics"
    path.write_text(calendar(*(event(UID=f":{number}") for number in range(5))))
    waits = []

    def wait(seconds: float) -> None:
        # The window passes: what was created in it is older by as much.
        waits.append(seconds)
        with engine.begin() as connection:
            connection.execute(text("UPDATE events SET created_at = created_at - interval '1 minute'"))

    transport = make_transport(create_quota=2, create_quota_seconds=60)
    summary = Summary()
    with (
        Connection(URL, make_person_token, transport=transport, wait=wait) as connection,
        Ledger(":memory:") as ledger,
    ):
        apply_plans(plan_files([path], summary), ConvokeClient(connection), ledger, summary)
    assert (summary.created, summary.skipped) == (5, [])
    assert len(waits) == 2
    assert all(1 <= seconds <= 60 for seconds in waits)

"""Importing calendars through the API's real handler into a real PostgreSQL."""

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from convoke_local.importing import run_import
from convoke_local.importing.client import ConvokeClient
from convoke_local.importing.command import plan_files
from convoke_local.importing.execution import apply_plans
from convoke_local.importing.report import Summary
from integration.importing.conftest import KEY
from sqlalchemy import Engine, text
from unit.importing.calendar_text import calendar, event
from unit.importing.test_given_files import DATA, EXPECTATIONS

type MakeTransport = Callable[..., httpx.BaseTransport]

TABLES = ("users", "events", "event_participants", "outbox", "notifications")


def read(engine: Engine, statement: str) -> list[dict[str, Any]]:
    with engine.connect() as connection:
        return [dict(row) for row in connection.execute(text(statement)).mappings()]


def count_rows(engine: Engine) -> dict[str, int]:
    return {table: read(engine, f"SELECT count(*) FROM {table}")[0]["count"] for table in TABLES}


def run(path: Path, transport: httpx.BaseTransport, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    status = run_import([path], base_url="http://test:8000", key=KEY, as_json=True, transport=transport)
    assert status == 0
    summary: dict[str, Any] = json.loads(capsys.readouterr().out)
    return summary


@pytest.mark.skipif(not DATA.is_dir(), reason="the public test files are not beside the checkout")
@pytest.mark.parametrize("name", EXPECTATIONS)
def test_a_public_file_creates_what_was_counted_by_hand_and_nothing_the_second_time(
    name: str, make_transport: MakeTransport, engine: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    expected, transport = EXPECTATIONS[name], make_transport()
    first = run(DATA / name, transport, capsys)
    stored = read(engine, "SELECT email, uid, title FROM events JOIN users ON users.id = events.organizer_id")
    # One person has one address, in the spelling that came first: a@ and A@ are the same.
    assert {(row["email"].lower(), row["uid"]): row["title"] for row in stored} == {
        (email.lower(), uid): title for (email, uid), title in expected.created.items()
    }
    assert first["created"] == len(expected.created)
    assert Counter((skip["component"], skip["reason"]) for skip in first["skipped"]) == expected.skipped

    before = count_rows(engine)
    second = run(DATA / name, transport, capsys)
    assert second["created"] == 0
    assert count_rows(engine) == before


def test_the_organizer_owns_the_event_and_the_others_are_owed_an_invitation(
    tmp_path: Path, make_transport: MakeTransport, engine: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "one.ics"
    attendees = [f"ATTENDEE:mailto:{name}@example.org" for name in ("ann", "bob", "Eve")]
    path.write_text(
        calendar(
            event(
                "SEQUENCE:3",
                "DURATION:PT1H",
                *attendees,
                DTSTART=";TZID=Europe/Moscow:20270301T100000",
                SUMMARY=":Планёрка",
            )
        )
    )
    assert run(path, make_transport(), capsys) == {
        "created": 1,
        "updated": 0,
        "cancelled": 0,
        "replied": 0,
        "skipped": [],
    }
    (stored,) = read(engine, "SELECT * FROM events")
    assert (stored["uid"], stored["sequence"], stored["title"]) == ("1@example.org", 3, "Планёрка")
    assert stored["starts_at"].isoformat() == "2027-03-01T07:00:00+00:00"
    assert stored["time_zone"] == "Europe/Moscow"
    owed = read(
        engine,
        "SELECT type, email FROM outbox CROSS JOIN unnest(recipient_ids) AS recipient (id)"
        " JOIN users ON users.id = recipient.id ORDER BY lower(email)",
    )
    assert [(row["type"], row["email"]) for row in owed] == [
        ("event_invited", "bob@example.org"),
        ("event_invited", "Eve@example.org"),
    ]


def test_odd_events_are_all_taken_by_the_api(
    tmp_path: Path, make_transport: MakeTransport, engine: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "odd.ics"
    many = ["ATTENDEE:mailto:" + "x" * 65 + "@example.org", "ATTENDEE:mailto:.@x", "ATTENDEE:mailto:a b@x"]
    path.write_text(
        calendar(
            event(SUMMARY=":" + "ы" * 500, UID=":" + "u" * 500),
            event("DESCRIPTION:\x00\ud7ff\x85\ufffe", *many, SUMMARY=None, UID=None),
            event(DTSTART=";VALUE=DATE:20181104", UID=":gap", ORGANIZER=";CN=\ufffe:mailto:ann@example.org"),
            event(DTSTART=":19700101T000000Z", UID=":first"),
            event(DTSTART=":21001231T235959Z", UID=":last"),
            X_WR_TIMEZONE="America/Sao_Paulo",
        )
    )
    assert run(path, make_transport(), capsys)["skipped"] == []
    assert count_rows(engine)["events"] == 5


def test_what_the_api_refuses_is_skipped_with_its_explanation(
    tmp_path: Path, make_transport: MakeTransport, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "refused.ics"
    path.write_text(calendar(event(DTSTART=":21010101T000000Z"), event(UID=":2")))
    summary = run(path, make_transport(), capsys)
    assert summary["created"] == 1
    (skip,) = summary["skipped"]
    assert skip["reason"].startswith("refused: ")
    assert "/starts_at must lie in the years 1970 to 2100" in skip["reason"]


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
    client = ConvokeClient("http://test:8000", KEY, transport=transport, wait=wait)
    summary = Summary()
    apply_plans(plan_files([path], summary), client, summary)
    client.close()
    assert (summary.created, summary.skipped) == (5, [])
    assert len(waits) == 2
    assert all(1 <= seconds <= 60 for seconds in waits)

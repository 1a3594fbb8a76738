"""Run the command: output and exit status."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from convoke_importer import ImporterError, run_import
from convoke_importer.ledger import LEDGER_FILE
from unit.importer.calendar_text import calendar, event


def respond(request: httpx.Request) -> httpx.Response:
    """Respond as an API without events, which accepts every new one."""
    if request.method == "GET":
        return httpx.Response(200, json={"items": [], "next_cursor": None})
    body = json.loads(request.content)
    return httpx.Response(201, json=body | {"id": body["uid"], "status": "confirmed"})


def run(
    *paths: Path,
    as_json: bool = True,
    handler: Any = respond,
    acting_as: str | None = None,
    encoding: str | None = None,
) -> int:
    """Import; the ledger is in the folder of the first file."""
    return run_import(
        list(paths),
        base_url="http://localhost:8000",
        make_token=lambda email, _: email,
        ledger_folder=paths[0].parent,
        as_json=as_json,
        acting_as=acting_as,
        encoding=encoding,
        transport=httpx.MockTransport(handler),
    )


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "week.ics"
    path.write_text(calendar(event(), event("RRULE:FREQ=DAILY", UID=":2"), event(ORGANIZER=None, UID=":3")))
    return path


def test_json_is_the_contract_and_nothing_else(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(file) == 0
    out, err = capsys.readouterr()
    assert json.loads(out) == {
        "created": 1,
        "updated": 0,
        "cancelled": 0,
        "replied": 0,
        "skipped": [
            {"uid": "2", "component": "VEVENT", "reason": "not yet supported: recurrence"},
            {
                "uid": "3",
                "component": "VEVENT",
                "reason": "not understood: it has no ORGANIZER: name one with --as EMAIL",
            },
        ],
    }
    assert err == ""


def test_a_summary_counts_and_groups_the_reasons(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(file, as_json=False) == 0
    out, err = capsys.readouterr()
    lines = [line.strip().split(maxsplit=1) for line in out.splitlines()]
    assert ["1", "created"] in lines
    assert ["2", "skipped"] in lines
    assert ["1", "not yet supported: recurrence"] in lines
    assert err == ""


def test_an_owner_takes_what_has_no_organizer(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(file, acting_as="owner@example.org") == 0
    assert json.loads(capsys.readouterr().out)["created"] == 2


def test_an_owner_without_an_address_is_refused_before_anything_is_done(file: Path) -> None:
    with pytest.raises(ImporterError, match="must be an e-mail address"):
        run(file, acting_as="me")


def test_interrupting_keeps_what_was_done_and_says_so(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupt(request: httpx.Request) -> httpx.Response:
        if request.method == "POST" and b'"uid":"3"' in request.content:
            raise KeyboardInterrupt
        return respond(request)

    assert run(file, handler=interrupt, acting_as="owner@example.org") == 1
    out, err = capsys.readouterr()
    assert json.loads(out)["created"] == 1
    assert err.startswith("convoke import: interrupted: imported events stay")


def test_what_was_assumed_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "floating.ics"
    path.write_text(calendar(event(DTSTART=":20270301T100000")))
    assert run(path) == 0
    assert (
        capsys.readouterr().err
        == 'note: times without a zone were taken for UTC (1 event: "Review" 1@example.org)\n'
    )


def test_files_that_cannot_be_read_are_named_after_the_others_were_done(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "page.ics"
    page.write_text("<html></html>")
    assert run(tmp_path / "missing.ics", tmp_path, page, file) == 1
    out, err = capsys.readouterr()
    assert json.loads(out)["created"] == 1
    missing, folder, no_calendar = err.splitlines()
    assert missing == f"convoke import: {tmp_path}/missing.ics cannot be read: No such file or directory"
    assert folder == f"convoke import: {tmp_path} cannot be read: Is a directory"
    assert no_calendar.startswith(f"convoke import: {page} cannot be read: it is not an iCalendar file")


def test_a_stack_that_is_not_there_is_one_line(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("connection refused", request=request)

    assert run(file, handler=refuse) == 1
    out, err = capsys.readouterr()
    assert json.loads(out)["created"] == 0
    assert err == (
        "convoke import: http://localhost:8000 does not respond: start it with `convoke up` (or `make run`)\n"
    )


def test_a_failure_is_printed_without_control_characters_of_the_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "odd.ics"
    path.write_text(calendar(event(UID=":[red]\u202e")))
    assert run(path, as_json=False, handler=lambda _: httpx.Response(500, json={"detail": "Oops."})) == 1
    expected = "convoke import: VEVENT [red]\ufffd: failed: Oops. (status 500)\n"
    assert capsys.readouterr().err == expected


def test_notes_and_json_hold_nothing_that_steers_a_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    odd = "\u202e\x9b31m\u2066x[red]"
    path = tmp_path / "odd.ics"
    room = f"ATTENDEE;CUTYPE=ROOM;CN={odd}:mailto:room@x.org"
    path.write_text(calendar(event(room, SUMMARY=f":{odd}"), event("RRULE:x", UID=f":{odd}")), "utf-8")
    assert run(path) == 0
    out, err = capsys.readouterr()
    assert json.loads(out)["skipped"][0]["uid"] == odd
    assert all(character.isprintable() or character == "\n" for character in out + err)
    assert "[red]" in err


def test_an_encoding_that_is_none_is_refused_before_anything_is_done(file: Path) -> None:
    with pytest.raises(ImporterError, match="the encoding must be a text encoding"):
        run(file, encoding="punycode")


def test_a_ledger_that_cannot_be_used_is_one_line_with_what_to_do(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = file.with_name(LEDGER_FILE)
    path.write_text("This is no database. " * 100)
    assert run(file) == 1
    out, err = capsys.readouterr()
    assert json.loads(out)["created"] == 0
    assert err == (
        f"convoke import: the import ledger {path} cannot be used (file is not a database):"
        " check disk space and owner; if it is damaged, delete it\n"
    )

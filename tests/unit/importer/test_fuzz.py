"""Any file: no exception, every VEVENT is applied or skipped, and a second import changes nothing."""

import random
import re
import warnings
from pathlib import Path

import pytest
from convoke_importer.calendars import UnreadableCalendarError, read_calendars
from convoke_importer.command import plan_calendars
from convoke_importer.execution import apply_plans
from convoke_importer.ledger import Ledger
from convoke_importer.report import Summary, render_json
from convoke_importer.text_encodings import decode_lines
from hypothesis import given, settings
from hypothesis import strategies as st
from unit.importer.in_memory_events import InMemoryEvents

DATA = Path(__file__).parents[4] / "shared" / "data"

REPLIES_AND_CANCELLATIONS = re.compile(rb"REPLY|CANCEL", re.IGNORECASE)

LINES = [
    "BEGIN:VCALENDAR",
    "END:VCALENDAR",
    "BEGIN:VEVENT",
    "END:VEVENT",
    "BEGIN:VALARM",
    "END:VALARM",
    "BEGIN:VTIMEZONE",
    "END:VTIMEZONE",
    "METHOD:REQUEST",
    "METHOD:CANCEL",
    "METHOD:REPLY",
    "UID:1",
    "ORGANIZER:mailto:ann@example.org",
    "ATTENDEE:mailto:bob@example.org",
    "ATTENDEE;PARTSTAT=ACCEPTED:mailto:bob@example.org",
    "ATTENDEE;PARTSTAT=DECLINED;DELEGATED-FROM=x:mailto:eve@example.org",
    "STATUS:CANCELLED",
    "DTSTAMP:20270101T000000Z",
    "DTSTAMP:20270102T000000Z",
    "DTSTART:20270301T100000Z",
    "DTSTART;TZID=X:20270301T100000",
    "DTSTART;VALUE=DATE:99991231",
    "DTEND;TZID=/a/Europe/Berlin:00010101T000000",
    "DURATION:PT99999999999999H",
    "TRIGGER:-PT15M",
    "TZID:X",
    "TZOFFSETFROM:+0100",
    "TZOFFSETTO:+9900",
    "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10",
    "SEQUENCE:1",
    "SEQUENCE:2",
    "SUMMARY:Else",
    "X-WR-TIMEZONE:Europe/Moscow",
    " folded",
    ":",
    ";",
    "",
]
PARTS = st.one_of(
    st.sampled_from(LINES),
    st.tuples(st.sampled_from(LINES), st.text(max_size=8)).map("".join),
    st.text(max_size=20),
)


def check(data: bytes) -> None:
    """Import `data` and count: as many outcomes for events as lines that begin one."""
    begun = sum(
        re.fullmatch(r"\s*BEGIN\s*:\s*VEVENT\s*", line, re.IGNORECASE) is not None
        for line, _ in decode_lines(data)
    )
    summary = Summary()
    try:
        calendars = read_calendars(data)
    except UnreadableCalendarError:
        assert begun == 0
        return
    api, again, finally_ = InMemoryEvents(), Summary(), Summary()
    with Ledger(":memory:") as ledger:
        apply_plans(plan_calendars(calendars), api, ledger, summary)
        notified = list(api.notified)
        apply_plans(plan_calendars(calendars), api, ledger, again)
        notified_again = list(api.notified)
        apply_plans(plan_calendars(calendars), api, ledger, finally_)
    render_json(summary)
    for outcome in (summary, again, finally_):
        done = outcome.created + outcome.updated + outcome.cancelled + outcome.replied
        assert done + sum(skip.component == "VEVENT" for skip in outcome.skipped) == begun
        assert not outcome.troubles
    # A reply before its event counts the second time; after that nothing changes.
    assert not again.created
    assert REPLIES_AND_CANCELLATIONS.search(data) or notified_again == notified
    assert api.notified == notified_again
    assert (finally_.created, finally_.updated, finally_.cancelled, finally_.replied) == (0, 0, 0, 0)


@settings(deadline=None)
@given(st.lists(PARTS, max_size=30))
def test_lines_in_any_order(lines: list[str]) -> None:
    check("\n".join(lines).encode(errors="replace"))


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes(data: bytes) -> None:
    check(data)


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_inside_an_event(data: bytes) -> None:
    head = b"BEGIN:VEVENT\nUID:1\nORGANIZER:mailto:a@example.org\nDTSTART:20270301T100000Z\n"
    check(head + data + b"\nEND:VEVENT\n")


def mutate(data: bytes, chance: random.Random) -> bytes:
    """Change some bytes, and move, drop or double pieces."""
    mutated = bytearray(data)
    for _ in range(chance.randrange(1, 30)):
        place, length = chance.randrange(len(mutated)), chance.randrange(1, 60)
        match chance.randrange(5):
            case 0:
                mutated[place] = chance.randrange(256)
            case 1:
                mutated[place : place + length] = b""
            case 2:
                mutated[place:place] = mutated[place : place + length]
            case 3:
                mutated[place:place] = chance.choice(LINES).encode() + b"\n"
            case 4:
                mutated[place:place] = b"\n"
    return bytes(mutated)


@pytest.mark.skipif(not DATA.is_dir(), reason="the public test files are not beside the checkout")
@pytest.mark.parametrize(
    "name", ["google-export.ics", "itip-incoming.ics", "itip-rfc2446.ics", "calendar-large.ics"]
)
def test_mutated_real_files(name: str) -> None:
    data = (DATA / name).read_bytes()[:60_000]
    for seed in range(60):
        chance = random.Random(seed)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            check(mutate(data, chance))

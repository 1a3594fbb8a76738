"""How many events each public test file must create, counted by hand, and why the rest is left out.

The files stand beside the checkout. The numbers come from reading the files, not from running the importer.
"""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from convoke_local.importing.command import plan_files
from convoke_local.importing.execution import apply_plans
from convoke_local.importing.people import Person
from convoke_local.importing.report import Summary
from unit.importing.in_memory_events import InMemoryEvents

DATA = Path(__file__).parents[4] / "shared" / "data"

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the public test files are not beside the checkout")

RECURRENCE = "not yet supported: recurrence"
CANCEL = "not yet supported: a cancellation (METHOD:CANCEL)"
REPLY = "not yet supported: an answer to an invitation (METHOD:REPLY)"
ADD = "not yet supported: an occurrence added to a series (METHOD:ADD)"
REFRESH = "not yet supported: a request to send an event again (METHOD:REFRESH)"
COUNTER = "not yet supported: a proposal to change an event (METHOD:COUNTER)"
DECLINECOUNTER = "not yet supported: a refused proposal (METHOD:DECLINECOUNTER)"
UPDATE = "not yet supported: an update of an event (higher SEQUENCE)"
SILENT_UPDATE = "not yet supported: an update of an event that keeps its SEQUENCE"
OBSOLETE = "obsolete: a later revision of the event is there (higher SEQUENCE)"
ALREADY = "already imported"
BAD_END = "not understood: its DTEND is no date or date-time"
BACKWARDS = "not understood: it ends before it starts"
NOBODY = "not understood: it has no ORGANIZER: say with --as EMAIL whose it is"
TO_DO, JOURNAL = "not an event: a to-do", "not an event: a journal entry"
FREE_BUSY, STRAY_ALARM = "not an event: free/busy time", "not an event: an alarm outside of any event"


@dataclass(frozen=True)
class Expectation:
    #: (organizer, uid): the title that it is created with.
    created: dict[tuple[str, str], str]
    #: (component, reason): how often.
    skipped: dict[tuple[str, str], int]
    #: What comes in addition when --as names an owner for events without an ORGANIZER.
    created_for_owner: dict[tuple[str, str], str] = field(default_factory=dict)


EXPECTATIONS = {
    # 4 VEVENT of 2 UIDs: one has RRULE and RDATE, the other three RECURRENCE-ID.
    "google-export.ics": Expectation(created={}, skipped={("VEVENT", RECURRENCE): 4}),
    # 14 VEVENT: 6 of UID …777 or one of a kind that cannot create, 5 replies, 3 events of their own.
    "itip-incoming.ics": Expectation(
        created={
            # I2, the first one of …777; I1 is …776 and ends at "T10300Z".
            ("B@example.com", "calsrv.example.com-873970198738777@example.com"): "Conference",
            # I7, a delegation of an event not seen before.
            ("B@example.com", "calsrv.example.com-873970198738779@example.com"): "Conference",
            # I13 and I14, published without attendees.
            ("B@example.com", "calsrv.example.com-1001@example.com"): "Conference",
            ("B@example.com", "calsrv.example.com-1002@example.com"): "Conference",
        },
        skipped={
            ("VEVENT", BAD_END): 1,  # I1
            ("VEVENT", SILENT_UPDATE): 1,  # I3: SEQUENCE 2 as I2, another time and title
            ("VEVENT", OBSOLETE): 1,  # I4: SEQUENCE 0
            ("VEVENT", REPLY): 5,  # I5, I6, I8, I9, I10
            ("VEVENT", CANCEL): 1,  # I11
            ("VEVENT", COUNTER): 1,  # I12
            ("VFREEBUSY", FREE_BUSY): 1,  # I15
        },
    ),
    # 42 VEVENT; in the order of the file.
    "itip-rfc2446.ics": Expectation(
        created={
            ("a@example.com", "0981234-1234234-23@example.com"): "ST. PAUL SAINTS -VS- DULUTH-SUPERIOR DUKES",
            ("A@example.com", "calsrv.example.com-873970198738777@example.com"): "Conference",
            (
                "A@example.com",
                "calsrv.example.com-873970198738777a@example.com",
            ): "Discuss the Merits of the election results",
        },
        skipped={
            # SEQUENCE 1 of …23; of …777 SEQUENCE 1 twice and 2 once.
            ("VEVENT", UPDATE): 4,
            # …777 after "Conference" with SEQUENCE 0: two requests about delegation.
            ("VEVENT", SILENT_UPDATE): 2,
            ("VEVENT", BACKWARDS): 1,  # SEQUENCE 3 of …23: 2 July to 1 July
            # The yearly one of …23; 123456@; …777 on Tuesdays; of guid-1@host1.com the monthly one twice,
            # from 1 September on, and 11 March; guid-1@host1com; of 123456789@ TU, TU and TH, two with RDATE,
            # and 11 March; acme-12345@: 1 + 1 + 1 + 4 + 1 + 5 + 1.
            ("VEVENT", RECURRENCE): 14,
            ("VEVENT", CANCEL): 5,  # …23 once, …777 twice, guid-1@host1.com twice
            ("VEVENT", REPLY): 5,  # …777 four times, guid-1@host1.com once
            ("VEVENT", ADD): 3,  # 123456789@ with SEQUENCE 4, 7 and 2
            ("VEVENT", COUNTER): 2,  # …777a, guid-1@host1.com
            ("VEVENT", DECLINECOUNTER): 1,
            ("VEVENT", REFRESH): 2,  # guid-1-12345@, acme-12345@
            ("VFREEBUSY", FREE_BUSY): 3,
            ("VTODO", TO_DO): 8,
            ("VJOURNAL", JOURNAL): 1,
        },
    ),
    # The examples of RFC 2445 33 times and those of RFC 2446 30 times over: 1,458 VEVENT.
    "calendar-large.ics": Expectation(
        created={
            ("mrbig@host.com", "guid-1.host1.com"): "XYZ Project Review",
            ("jdoe@host1.com", "uid3@host1.com"): "Calendaring Interoperability Planning Meeting",
            ("a@example.com", "0981234-1234234-23@example.com"): "ST. PAUL SAINTS -VS- DULUTH-SUPERIOR DUKES",
            # "Conference" with SEQUENCE 0 ends at "T2000000Z" here, so that SEQUENCE 1 is the first one.
            ("A@example.com", "calsrv.example.com-873970198738777@example.com"): "Phone Conference",
            (
                "A@example.com",
                "calsrv.example.com-873970198738777a@example.com",
            ): "Discuss the Merits of the election results",
        },
        created_for_owner={
            ("owner@example.org", "19970901T130000Z-123401@host.com"): "Annual Employee Review",
            (
                "owner@example.org",
                "19970901T130000Z-123402@host.com",
            ): "Laurel is in sensitivity awareness class.",
            # Without a UID.
            ("owner@example.org", ""): "Bastille Day Party",
        },
        skipped={
            # The 32 or 29 other copies of the five above.
            ("VEVENT", ALREADY): 2 * 32 + 3 * 29,
            # "Bastille Day Party", -123401 and -123402.
            ("VEVENT", NOBODY): 3 * 33,
            # Of …777, after "Phone Conference" with SEQUENCE 1 was created: SEQUENCE 2; of …23: SEQUENCE 1.
            ("VEVENT", UPDATE): 2 * 30,
            ("VEVENT", SILENT_UPDATE): 30,  # …777 with SEQUENCE 1: "… changed to meet B's schedule"
            ("VEVENT", OBSOLETE): 2 * 30,  # …777 with SEQUENCE 0: the two about delegation
            ("VEVENT", BAD_END): 30,
            ("VEVENT", BACKWARDS): 30,
            # The 14 series and exceptions of RFC 2446, and "Our Blissful Anniversary" of RFC 2445.
            ("VEVENT", RECURRENCE): 14 * 30 + 33,
            ("VEVENT", CANCEL): 5 * 30,
            ("VEVENT", REPLY): 5 * 30,
            ("VEVENT", ADD): 3 * 30,
            ("VEVENT", COUNTER): 2 * 30,
            ("VEVENT", DECLINECOUNTER): 30,
            ("VEVENT", REFRESH): 2 * 30,
            ("VTODO", TO_DO): 8 * 30 + 2 * 33,
            ("VJOURNAL", JOURNAL): 30 + 2 * 33,
            ("VFREEBUSY", FREE_BUSY): 3 * 30 + 4 * 33,
            ("VALARM", STRAY_ALARM): 4 * 33,
        },
    ),
}


@pytest.mark.parametrize("name", EXPECTATIONS)
def test_each_file_creates_the_events_that_were_counted_by_hand(name: str) -> None:
    api, summary = InMemoryEvents(), Summary()
    apply_plans(plan_files([DATA / name], summary), api, summary)
    expected = EXPECTATIONS[name]
    created = {(email, request["uid"]): request["title"] for email, request in api.created}
    assert created == expected.created
    assert summary.created == len(expected.created)
    assert Counter((skip.component, skip.reason) for skip in summary.skipped) == expected.skipped
    assert not summary.troubles


@pytest.mark.parametrize("name", EXPECTATIONS)
def test_every_component_of_a_file_is_accounted_for(name: str) -> None:
    api, summary = InMemoryEvents(), Summary()
    apply_plans(plan_files([DATA / name], summary), api, summary)
    text = (DATA / name).read_text("utf-8")
    skipped = Counter(skip.component for skip in summary.skipped)
    for kind in ("VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY"):
        created = summary.created if kind == "VEVENT" else 0
        assert skipped[kind] + created == text.splitlines().count(f"BEGIN:{kind}")


@pytest.mark.parametrize("name", EXPECTATIONS)
def test_importing_a_file_twice_creates_nothing_more(name: str) -> None:
    api, first, second = InMemoryEvents(), Summary(), Summary()
    apply_plans(plan_files([DATA / name], first), api, first)
    created = list(api.created)
    apply_plans(plan_files([DATA / name], second), api, second)
    assert second.created == 0
    assert api.created == created
    known = {uid for _, uid in EXPECTATIONS[name].created}
    again = {skip.uid for skip in second.skipped if skip.reason == ALREADY}
    assert again == known


def test_an_owner_gets_the_events_without_organizer() -> None:
    api, summary = InMemoryEvents(), Summary()
    plans = plan_files([DATA / "calendar-large.ics"], summary, Person("owner@example.org"))
    apply_plans(plans, api, summary)
    expected = EXPECTATIONS["calendar-large.ics"]
    titles = {request["title"] for email, request in api.created if email == "owner@example.org"}
    assert titles == set(expected.created_for_owner.values())
    assert summary.created == len(expected.created) + len(expected.created_for_owner)


def test_the_large_file_asks_for_each_event_once() -> None:
    api, summary = InMemoryEvents(), Summary()
    apply_plans(plan_files([DATA / "calendar-large.ics"], summary), api, summary)
    # One question and one creation for each of five events, for 1,458 VEVENT.
    assert api.calls == 10

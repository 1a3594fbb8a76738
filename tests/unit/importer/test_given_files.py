"""The outcome of each component of the public test files, counted by hand, with the reasons for skips.

The files stand beside the checkout. The numbers come from reading the files, not from running the importer;
`integration/importer/test_end_states.py` states what the events are like in the end.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from convoke_importer import decisions
from convoke_importer.command import plan_files
from convoke_importer.execution import apply_plans
from convoke_importer.ledger import Ledger
from convoke_importer.people import Person
from convoke_importer.report import Summary
from unit.importer.in_memory_events import InMemoryEvents

DATA = Path(__file__).parents[4] / "shared" / "data"

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the public test files are not beside the checkout")

RECURRENCE = "not yet supported: recurrence"
ADD = "not yet supported: an occurrence added to a series (METHOD:ADD)"
REFRESH = "not yet supported: a request to send an event again (METHOD:REFRESH)"
COUNTER = "not yet supported: a proposal to change an event (METHOD:COUNTER)"
DECLINECOUNTER = "not yet supported: a refused proposal (METHOD:DECLINECOUNTER)"
BAD_END = "not understood: its DTEND is not a date or date-time"
BACKWARDS = "not understood: it ends before it starts"
NO_ORGANIZER = "not understood: it has no ORGANIZER: name one with --as EMAIL"
NO_RESPONSE = "not understood: its ATTENDEE has no PARTSTAT of a response"
TO_DO, JOURNAL = "not an event: a to-do", "not an event: a journal entry"
FREE_BUSY, STRAY_ALARM = "not an event: free/busy time", "not an event: an alarm outside of any event"


@dataclass(frozen=True)
class Expectation:
    #: (organizer, uid): the title that it is created with.
    created: dict[tuple[str, str], str]
    #: (component, reason): how often.
    skipped: dict[tuple[str, str], int]
    updated: int = 0
    cancelled: int = 0
    replied: int = 0
    #: Additional creations when --as names an organizer for events without one.
    created_for_owner: dict[tuple[str, str], str] = field(default_factory=dict)


EXPECTATIONS = {
    # 4 VEVENT of 2 UIDs: one has RRULE and RDATE, the other three RECURRENCE-ID.
    "google-export.ics": Expectation(created={}, skipped={("VEVENT", RECURRENCE): 4}),
    # 14 VEVENT, which notes of the file number from I1 to I14.
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
        updated=1,  # I3: SEQUENCE 2 as I2, and a later DTSTAMP
        skipped={
            ("VEVENT", BAD_END): 1,  # I1
            # I4 has SEQUENCE 0. I11 cancels SEQUENCE 1, where C1 is of 2.
            ("VEVENT", decisions.LATER_SEQUENCE): 2,
            # I5, I8, I9, I10 reply to …785 of A, which is not in the file; so does I6, by delegating.
            ("VEVENT", decisions.UNKNOWN_EVENT): 4,
            ("VEVENT", decisions.DELEGATION): 1,
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
        updated=2,  # SEQUENCE 1 of …23, and the first SEQUENCE 1 of …777
        cancelled=2,  # …23 with SEQUENCE 2; …777 with SEQUENCE 1, its own
        replied=2,  # …777: B accepts the "Conference", E later
        skipped={
            ("VEVENT", BACKWARDS): 1,  # SEQUENCE 3 of …23: 2 July to 1 July
            # …777 "changed to meet B's schedule" (…777a in RFC 2446): SEQUENCE and DTSTAMP of the first.
            ("VEVENT", decisions.NOT_KNOWN_TO_BE_LATER): 1,
            # C delegates to E in …777, twice.
            ("VEVENT", decisions.DELEGATION): 2,
            # …777 with SEQUENCE 0, after 1: the two requests about that delegation.
            ("VEVENT", decisions.LATER_SEQUENCE): 2,
            # …777 after its cancellation: B is taken off the hook; SEQUENCE 2 without B.
            ("VEVENT", decisions.CANCELLED): 2,
            # The yearly one of …23; 123456@; …777 on Tuesdays; of guid-1@host1.com the monthly one twice,
            # from 1 September on, and 11 March, and that 1 August is cancelled; guid-1@host1com; of
            # 123456789@ TU, TU and TH, two with RDATE, and 11 March; acme-12345@: 1 + 1 + 1 + 5 + 1 + 5 + 1.
            ("VEVENT", RECURRENCE): 15,
            # guid-1@host1.com is cancelled: it is a series, and so was never created.
            ("VEVENT", decisions.UNKNOWN_EVENT): 1,
            # guid-1@host1.com: B's software says what it could not do, B says nothing.
            ("VEVENT", NO_RESPONSE): 1,
            ("VEVENT", ADD): 3,  # 123456789@ with SEQUENCE 4, 7 and 2
            ("VEVENT", COUNTER): 2,  # …777a, guid-1@host1.com
            ("VEVENT", DECLINECOUNTER): 1,
            ("VEVENT", REFRESH): 2,  # guid-1-12345@, acme-12345@
            ("VFREEBUSY", FREE_BUSY): 3,
            ("VTODO", TO_DO): 8,
            ("VJOURNAL", JOURNAL): 1,
        },
    ),
    # The examples of RFC 2445 33 times and those of RFC 2446 30 times over: 33 * 6 + 30 * 42 = 1,458 VEVENT.
    # The first copy cancels events: the others find them cancelled.
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
        updated=1,  # …23 with SEQUENCE 1
        cancelled=2,  # …23, …777
        replied=1,  # E accepts …777; B's reply comes before that is created
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
            # The other copies of guid-1., uid3@ and …777a, which nobody changes.
            ("VEVENT", decisions.ALREADY_IMPORTED): 2 * 32 + 29,
            # "Bastille Day Party", -123401 and -123402.
            ("VEVENT", NO_ORGANIZER): 3 * 33,
            # In the first copy B off the hook, and SEQUENCE 2. In each other one: of …23 SEQUENCE 0, 1 and
            # the CANCEL; of …777 the replies of B and E, SEQUENCE 0 twice, 1 twice, 2 once, both CANCELs.
            ("VEVENT", decisions.CANCELLED): 2 + 29 * (3 + 2 + 5 + 2),
            # guid-1@host1.com, a series, cancelled; and B's reply in the first copy.
            ("VEVENT", decisions.UNKNOWN_EVENT): 30 + 1,
            # In the first copy, of …777: "changed to meet B's schedule"; the two about C's delegation.
            ("VEVENT", decisions.NOT_KNOWN_TO_BE_LATER): 1,
            ("VEVENT", decisions.LATER_SEQUENCE): 2,
            ("VEVENT", decisions.DELEGATION): 2 * 30,
            ("VEVENT", BAD_END): 30,
            ("VEVENT", BACKWARDS): 30,
            # The 15 series and exceptions of RFC 2446, and "Our Blissful Anniversary" of RFC 2445.
            ("VEVENT", RECURRENCE): 15 * 30 + 33,
            ("VEVENT", NO_RESPONSE): 30,
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


def run(api: InMemoryEvents, name: str, ledger: Ledger, acting_as: Person | None = None) -> Summary:
    summary = Summary()
    apply_plans(plan_files([DATA / name], summary, acting_as), api, ledger, summary)
    return summary


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    with Ledger(":memory:") as ledger:
        yield ledger


@pytest.mark.parametrize("name", EXPECTATIONS)
def test_each_file_does_what_was_counted_by_hand(name: str, ledger: Ledger) -> None:
    api, expected = InMemoryEvents(), EXPECTATIONS[name]
    summary = run(api, name, ledger)
    created = {(email, request["uid"]): request["title"] for email, request in api.created}
    assert created == expected.created
    assert (summary.created, summary.updated, summary.cancelled, summary.replied) == (
        len(expected.created),
        expected.updated,
        expected.cancelled,
        expected.replied,
    )
    assert Counter((skip.component, skip.reason) for skip in summary.skipped) == expected.skipped
    assert not summary.troubles


@pytest.mark.parametrize("name", EXPECTATIONS)
def test_every_component_of_a_file_is_accounted_for(name: str, ledger: Ledger) -> None:
    summary = run(InMemoryEvents(), name, ledger)
    text = (DATA / name).read_text("utf-8")
    counts = Counter(skip.component for skip in summary.skipped)
    counts["VEVENT"] += summary.created + summary.updated + summary.cancelled + summary.replied
    for kind in ("VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY"):
        assert counts[kind] == text.splitlines().count(f"BEGIN:{kind}")


@pytest.mark.parametrize("name", EXPECTATIONS)
def test_importing_a_file_again_changes_nothing_and_notifies_nobody(name: str, ledger: Ledger) -> None:
    api = InMemoryEvents()
    run(api, name, ledger)
    notified = list(api.notified)
    before = {place: dict(api.get(*place)) for place in EXPECTATIONS[name].created}
    again = run(api, name, ledger)
    assert (again.created, again.updated, again.cancelled, again.replied) == (0, 0, 0, 0)
    assert api.notified == notified
    assert {place: api.get(*place) for place in before} == before


@pytest.mark.parametrize("name", EXPECTATIONS)
def test_importing_a_file_again_without_its_ledger_creates_changes_and_cancels_nothing(name: str) -> None:
    api = InMemoryEvents()
    for _ in range(2):
        with Ledger(":memory:") as forgotten:
            again = run(api, name, forgotten)
    assert (again.created, again.updated, again.cancelled) == (0, 0, 0)


def test_an_owner_gets_the_events_without_organizer(ledger: Ledger) -> None:
    api = InMemoryEvents()
    summary = run(api, "calendar-large.ics", ledger, Person("owner@example.org"))
    expected = EXPECTATIONS["calendar-large.ics"]
    titles = {request["title"] for email, request in api.created if email == "owner@example.org"}
    assert titles == set(expected.created_for_owner.values())
    assert summary.created == len(expected.created) + len(expected.created_for_owner)

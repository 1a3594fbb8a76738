"""Plans of a CANCEL, or of an event with STATUS:CANCELLED."""

import pytest
from convoke_importer.plans import Cancel
from convoke_importer.revisions import Revision
from unit.importer.calendar_text import (
    ANN,
    calendar,
    event,
    find_skip_reason,
    plan_other,
)


def test_a_cancellation_is_of_the_organizer_s_event() -> None:
    lines = ["SEQUENCE:2", "STATUS:CANCELLED", "DTSTAMP:20270201T090000Z", "ATTENDEE:mailto:bob@example.org"]
    plan = plan_other(calendar(event(*lines, DTSTART=None, SUMMARY=None), METHOD="CANCEL"))
    assert isinstance(plan, Cancel)
    assert (plan.organizer.email, plan.uid) == (ANN, "1@example.org")
    assert plan.revision == Revision(2, "20270201T090000")
    assert plan.removed_emails == ()


@pytest.mark.parametrize("method", ["", "PUBLISH", "REQUEST"])
def test_an_event_with_status_cancelled_is_a_cancellation(method: str) -> None:
    plan = plan_other(calendar(event("STATUS:CANCELLED"), METHOD=method))
    assert isinstance(plan, Cancel)
    assert plan.removed_emails == ()


def test_a_cancellation_that_names_nobody_cancels_the_event() -> None:
    plan = plan_other(calendar(event(), METHOD="CANCEL"))
    assert isinstance(plan, Cancel)
    assert plan.removed_emails == ()


def test_a_cancellation_without_status_uninvites_its_attendees() -> None:
    lines = ["ATTENDEE:mailto:Bob@example.org", f"ATTENDEE:mailto:{ANN}", "ATTENDEE:mailto:bob@example.org"]
    plan = plan_other(calendar(event(*lines), METHOD="CANCEL"))
    assert isinstance(plan, Cancel)
    assert plan.removed_emails == ("Bob@example.org",)


@pytest.mark.parametrize(
    "attendee", [":urn:uuid:1", f":mailto:{ANN}", ";CUTYPE=ROOM:mailto:room@example.org"]
)
def test_a_cancellation_that_uninvites_nobody_is_not_taken_for_one_of_the_event(attendee: str) -> None:
    reason = find_skip_reason(calendar(event(f"ATTENDEE{attendee}"), METHOD="CANCEL"))
    assert reason == "not understood: it names no attendee with an e-mail address other than its ORGANIZER"

"""Plans of a REPLY, and responses in other components."""

import pytest
from convoke_importer.plans import Reply
from convoke_importer.revisions import Revision
from unit.importer.calendar_text import (
    ANN,
    calendar,
    event,
    find_skip_reason,
    plan_creation,
    plan_other,
)


@pytest.mark.parametrize(
    ("partstat", "response_status"),
    [
        ("ACCEPTED", "accepted"),
        ("declined", "declined"),
        ("TENTATIVE", "tentative"),
        ("NEEDS-ACTION", "needs_action"),
    ],
)
def test_a_reply_is_its_attendee_s(partstat: str, response_status: str) -> None:
    lines = [f"ATTENDEE;CN=Bob;PARTSTAT={partstat}:mailto:bob@example.org", "SEQUENCE:1"]
    plan = plan_other(calendar(event(*lines, DTSTART=None), METHOD="REPLY"))
    assert isinstance(plan, Reply)
    assert (plan.attendee.email, plan.attendee.name) == ("bob@example.org", "Bob")
    assert (plan.organizer.email, plan.uid) == (ANN, "1@example.org")
    assert (plan.response_status, plan.revision) == (response_status, Revision(1))


@pytest.mark.parametrize(
    ("attendees", "reason"),
    [
        ([], "it has no ATTENDEE with an e-mail address"),
        ([";PARTSTAT=ACCEPTED:urn:uuid:1"], "it has no ATTENDEE with an e-mail address"),
        ([";PARTSTAT=ACCEPTED:mailto:b@example.org"] * 2, "it has more than one ATTENDEE"),
        ([":mailto:b@example.org"], "its ATTENDEE has no PARTSTAT of a response"),
        ([";PARTSTAT=COMPLETED:mailto:b@example.org"], "its ATTENDEE has no PARTSTAT of a response"),
    ],
)
def test_a_reply_of_nobody_or_of_nothing_is_not_guessed(attendees: list[str], reason: str) -> None:
    text = calendar(event(*(f"ATTENDEE{each}" for each in attendees)), METHOD="REPLY")
    assert find_skip_reason(text).startswith(f"not understood: {reason}")


def test_a_reply_needs_a_uid() -> None:
    line = "ATTENDEE;PARTSTAT=ACCEPTED:mailto:bob@example.org"
    reason = find_skip_reason(calendar(event(line, UID=None), METHOD="REPLY"))
    assert reason == "not understood: it has no UID, so its event is unknown"


def test_a_delegation_is_no_reply() -> None:
    line = 'ATTENDEE;PARTSTAT=DELEGATED;DELEGATED-TO="mailto:eve@example.org":mailto:bob@example.org'
    assert find_skip_reason(calendar(event(line), METHOD="REPLY")) == "not yet supported: a delegation"


def test_responses_in_the_organizer_s_copy_are_left_to_a_reply_and_noted() -> None:
    lines = [
        f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:{ANN}",
        "ATTENDEE;PARTSTAT=DECLINED:mailto:bob@example.org",
        "ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:eve@example.org",
    ]
    plan = plan_creation(calendar(event(*lines), METHOD="REQUEST"))
    assert plan.request["participant_emails"] == ["bob@example.org", "eve@example.org"]
    assert plan.notes == (
        "a PARTSTAT in the organizer's copy was ignored, only a REPLY counts: bob@example.org",
    )

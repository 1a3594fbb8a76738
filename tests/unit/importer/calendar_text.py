"""Write short calendars for tests, and import them."""

from convoke_importer.api import EventApi
from convoke_importer.calendars import read_calendars
from convoke_importer.command import plan_calendars
from convoke_importer.execution import apply_plans
from convoke_importer.ledger import Ledger
from convoke_importer.people import Person
from convoke_importer.plans import Cancel, Create, Plan, Reply, Skip
from convoke_importer.report import Summary

ANN, BOB, EVE, DAN = "ann@example.org", "bob@example.org", "eve@example.org", "dan@example.org"
UID = "1@example.org"
EVENT = {
    "UID": f":{UID}",
    "ORGANIZER": f":mailto:{ANN}",
    "DTSTART": ":20270301T100000Z",
    "SUMMARY": ":Review",
}


def calendar(*components: str, **header: str) -> str:
    """Return a VCALENDAR; `header` gives its properties (`X_WR_TIMEZONE="Europe/Berlin"`)."""
    lines = [f"{name.replace('_', '-')}:{value}" for name, value in header.items()]
    return "\r\n".join(["BEGIN:VCALENDAR", *lines, *components, "END:VCALENDAR", ""])


def event(*lines: str, **changes: str | None) -> str:
    """Return a VEVENT that can be imported, with `changes` to its properties (None: absent) and more `lines`.

    A value begins with its colon, or with the parameters: `DTSTART=";VALUE=DATE:20270301"`.
    """
    properties = {name: value for name, value in (EVENT | changes).items() if value is not None}
    return "\r\n".join(
        [
            "BEGIN:VEVENT",
            *(f"{name.replace('_', '-')}{value}" for name, value in properties.items()),
            *lines,
            "END:VEVENT",
        ]
    )


def attendees(*emails: str) -> list[str]:
    """Return the lines of attendees."""
    return [f"ATTENDEE:mailto:{email}" for email in emails]


def revision(
    sequence: int, *lines: str, stamp: int = 1, method: str = "REQUEST", **changes: str | None
) -> str:
    """Return a file with one event; `stamp` is the day of its DTSTAMP, 0: none."""
    stamps = [f"DTSTAMP:202701{stamp:02}T000000Z"] if stamp else []
    return calendar(event(f"SEQUENCE:{sequence}", *stamps, *lines, **changes), METHOD=method)


def plan_all(text: str, acting_as: str | None = None) -> list[Plan]:
    """Return the plans for a file."""
    return list(plan_calendars(read_calendars(text.encode()), Person(acting_as) if acting_as else None))


def plan_creation(text: str, acting_as: str | None = None) -> Create:
    """Return the Create plan of a file with one component."""
    (plan,) = plan_all(text, acting_as)
    assert isinstance(plan, Create), plan
    return plan


def plan_other(text: str) -> Cancel | Reply:
    """Return the plan of a file with one CANCEL or REPLY."""
    (plan,) = plan_all(text)
    assert isinstance(plan, Cancel | Reply), plan
    return plan


def find_skip_reason(text: str, acting_as: str | None = None) -> str:
    """Return why the one component of a file is skipped."""
    (plan,) = plan_all(text, acting_as)
    assert isinstance(plan, Skip), plan
    return plan.reason


def apply(api: EventApi, *texts: str, ledger: Ledger | None = None) -> Summary:
    """Import files one after the other, with `ledger` or one that is discarded afterwards."""
    summary = Summary()
    with Ledger(":memory:") as forgotten:
        for text in texts:
            apply_plans(plan_all(text), api, ledger or forgotten, summary)
    return summary


def reasons(summary: Summary) -> list[str]:
    """Return why components were skipped, in their order."""
    return [skip.reason for skip in summary.skipped]

"""Short ways to write calendars in tests."""

from convoke_local.importing.calendars import read_calendars
from convoke_local.importing.command import plan_calendars
from convoke_local.importing.people import Person
from convoke_local.importing.plans import Create, Plan, Skip

ANN = "ann@example.org"
EVENT = {
    "UID": ":1@example.org",
    "ORGANIZER": f":mailto:{ANN}",
    "DTSTART": ":20270301T100000Z",
    "SUMMARY": ":Review",
}


def calendar(*components: str, **header: str) -> str:
    """A VCALENDAR; `header` gives its properties (`X_WR_TIMEZONE="Europe/Berlin"`)."""
    lines = [f"{name.replace('_', '-')}:{value}" for name, value in header.items()]
    return "\r\n".join(["BEGIN:VCALENDAR", *lines, *components, "END:VCALENDAR", ""])


def event(*lines: str, **changes: str | None) -> str:
    """A VEVENT that can be imported, with `changes` to its properties (None: absent) and more `lines`.

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


def plan_all(text: str, acting_as: str | None = None) -> list[Plan]:
    """The plans for a file."""
    return list(plan_calendars(read_calendars(text.encode()), Person(acting_as) if acting_as else None))


def plan_creation(text: str, acting_as: str | None = None) -> Create:
    """The one creation that a file with one component asks for."""
    (plan,) = plan_all(text, acting_as)
    assert isinstance(plan, Create), plan
    return plan


def find_skip_reason(text: str, acting_as: str | None = None) -> str:
    """Why the one component of a file is skipped."""
    (plan,) = plan_all(text, acting_as)
    assert isinstance(plan, Skip), plan
    return plan.reason

"""Who organises and who is invited: calendar addresses (RFC 5545, 3.3.3) as e-mail addresses."""

from dataclasses import dataclass

from convoke_api.fields import check_email, check_text, email_key

from convoke_local.importing.calendars import Component, Property

_MAILTO = "mailto:"
_NAME_LENGTH = 200
_NOT_PERSONS = ("ROOM", "RESOURCE")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with an address; the name is as the calendar has it."""

    email: str
    name: str | None = None


def find_organizer(event: Component) -> Person | None:
    """The ORGANIZER, or None when there is none with an e-mail address."""
    prop = event.find("ORGANIZER")
    email = find_email(prop) if prop else None
    return Person(email, _find_name(prop)) if prop and email else None


def find_owner(calendar_name: str) -> Person | None:
    """The calendar's owner, where its name (X-WR-CALNAME) is an address, as in Google's exports."""
    try:
        return Person(check_email(calendar_name))
    except ValueError:
        return None


def list_invited(event: Component, organizer: Person) -> tuple[list[str], list[str]]:
    """The addresses to invite, each person once and the organizer not; and notes on who is left out."""
    invited: dict[str, str] = {}
    notes = []
    for prop in event.find_all("ATTENDEE"):
        email = find_email(prop)
        if prop.params.get("CUTYPE", "").upper() in _NOT_PERSONS:
            notes.append("a room or resource was not invited")
        elif email is None:
            notes.append("an attendee without an e-mail address was not invited")
        elif email_key(email) != email_key(organizer.email):
            invited.setdefault(email_key(email), email)
    return list(invited.values()), notes


def find_email(prop: Property) -> str | None:
    """The address in a CAL-ADDRESS, `mailto:` or not; else its EMAIL parameter (RFC 7986, 6.2)."""
    value = prop.value.strip()
    if value.lower().startswith(_MAILTO):
        # RFC 6068: what follows "?" are fields of a letter.
        value = value[len(_MAILTO) :].partition("?")[0]
    for candidate in (value, prop.params.get("EMAIL", "")):
        try:
            return check_email(candidate.strip())
        except ValueError:
            continue
    return None


def _find_name(prop: Property) -> str | None:
    name = prop.params.get("CN", "").strip()
    try:
        return check_text(name)[:_NAME_LENGTH] or None
    except ValueError:
        return None

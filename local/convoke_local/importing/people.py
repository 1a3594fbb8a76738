"""Who organises and who is invited: calendar addresses (RFC 5545, 3.3.3) as e-mail addresses."""

from dataclasses import dataclass

from convoke.domain import email_key
from convoke_api.fields import check_email, check_text

from convoke_local.importing.calendars import Component, Property

_MAILTO = "mailto:"
_NAME_LENGTH = 200
_NOT_PERSONS = ("ROOM", "RESOURCE")
_NO_ANSWER = "NEEDS-ACTION"


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
    """The addresses of the attendees, each person once and the organizer not; and notes on who is left out.

    What the organizer's copy says of their answers (PARTSTAT) is not taken over: it is what the organizer
    has heard. An answer is the attendee's own to give, by a REPLY or in Convoke, and told to the organizer.
    """
    invited: dict[str, str] = {}
    notes = []
    for prop in event.find_all("ATTENDEE"):
        email = find_email(prop)
        if _is_thing(prop):
            notes.append("a room or resource was not invited")
        elif email is None:
            notes.append("an attendee without an e-mail address was not invited")
        elif email_key(email) != email_key(organizer.email):
            invited.setdefault(email_key(email), email)
            if prop.params.get("PARTSTAT", _NO_ANSWER).upper() != _NO_ANSWER:
                notes.append("an answer in the organizer's copy was not taken over: a REPLY answers")
    return list(invited.values()), notes


def knows_all_attendees(event: Component) -> bool:
    """Whether the event has attendees, and all of them but rooms and resources have an e-mail address."""
    attendees = list(event.find_all("ATTENDEE"))
    return bool(attendees) and all(_is_thing(prop) or find_email(prop) for prop in attendees)


def delegates(event: Component) -> bool:
    """Whether an attendee sends another one (RFC 5545, 3.2.4 and 3.2.5)."""
    return any(
        name in prop.params
        for prop in event.find_all("ATTENDEE")
        for name in ("DELEGATED-FROM", "DELEGATED-TO")
    )


def find_attendee(reply: Component) -> Person | None:
    """Who answers: the first ATTENDEE, or None when that has no e-mail address."""
    prop = reply.find("ATTENDEE")
    email = find_email(prop) if prop else None
    return Person(email, _find_name(prop)) if prop and email else None


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


def _is_thing(prop: Property) -> bool:
    return prop.params.get("CUTYPE", "").upper() in _NOT_PERSONS


def _find_name(prop: Property) -> str | None:
    name = prop.params.get("CN", "").strip()
    try:
        return check_text(name)[:_NAME_LENGTH] or None
    except ValueError:
        return None

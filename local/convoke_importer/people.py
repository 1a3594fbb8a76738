"""Who organizes and who is invited: calendar addresses (RFC 5545, 3.3.3) as e-mail addresses."""

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import unquote

from convoke.domain import email_key
from convoke_api.web.fields import parse_email, parse_text

from convoke_importer.calendars import Component
from convoke_importer.content_lines import Property

# Written twice, or as if a host followed, by some programs.
_MAILTO = re.compile(r"(?:mailto\s*:(?://)?\s*)++", re.IGNORECASE)
_BRACKETED = re.compile(r"<([^<>]*)>\s*$")
#: More holds no address, or more of them than one person has.
_LONGEST_VALUE = 5_000
_LONGEST_SHOWN, _MOST_NAMES = 60, 5
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
    email = next(find_emails(prop), None) if prop else None
    return Person(email, _find_name(prop)) if prop and email else None


def find_owner(calendar_name: str) -> Person | None:
    """The calendar's owner, where its name (X-WR-CALNAME) is an address, as in Google's exports."""
    try:
        return Person(parse_email(calendar_name))
    except ValueError:
        return None


def list_invited(event: Component, organizer: Person) -> tuple[list[str], list[str]]:
    """The addresses of the attendees, each person once and the organizer not; and notes on who is left out.

    What the organizer's copy says of their answers (PARTSTAT) is not taken over: it is what the organizer
    has heard. An answer is the attendee's own to give, by a REPLY or in Convoke, and told to the organizer.
    """
    invited: dict[str, str] = {}
    things, strangers, answered = [], [], []
    for prop in event.find_all("ATTENDEE"):
        emails = list(find_emails(prop))
        if _is_thing(prop):
            things.append(_describe(prop))
        elif not emails:
            strangers.append(_describe(prop))
        for email in emails if not _is_thing(prop) else ():
            if email_key(email) != email_key(organizer.email):
                invited.setdefault(email_key(email), email)
                if prop.params.get("PARTSTAT", _NO_ANSWER).upper() != _NO_ANSWER:
                    answered.append(email)
    notes = []
    if things:
        notes.append(f"a room or resource was not invited: {list_some(things)}")
    if strangers:
        notes.append(f"an attendee without an e-mail address was not invited: {list_some(strangers)}")
    if answered:
        notes.append(
            f"an answer in the organizer's copy was not taken over, a REPLY answers: {list_some(answered)}"
        )
    return list(invited.values()), notes


def knows_all_attendees(event: Component) -> bool:
    """Whether the event has attendees, and all of them but rooms and resources have an e-mail address."""
    attendees = list(event.find_all("ATTENDEE"))
    return bool(attendees) and all(_is_thing(prop) or any(find_emails(prop)) for prop in attendees)


def delegates(event: Component) -> bool:
    """Whether an attendee sends another one (RFC 5545, 3.2.4 and 3.2.5)."""
    return any(
        name in prop.params
        for prop in event.find_all("ATTENDEE")
        for name in ("DELEGATED-FROM", "DELEGATED-TO")
    )


def find_attendee(reply: Component) -> Person | None:
    """Who answers: the first ATTENDEE, or None when that has no e-mail address or several."""
    prop = reply.find("ATTENDEE")
    emails = list(find_emails(prop)) if prop else []
    return Person(emails[0], _find_name(prop)) if prop and len(emails) == 1 else None


def find_emails(prop: Property) -> Iterator[str]:
    """The addresses in a CAL-ADDRESS, `mailto:` or not; else that of its EMAIL parameter (RFC 7986, 6.2)."""
    is_found = False
    for candidate in _list_candidates(prop.value[:_LONGEST_VALUE].strip()):
        try:
            yield parse_email(candidate.strip())
            is_found = True
        except ValueError:
            continue
    if not is_found:
        with suppress(ValueError):
            yield parse_email(prop.params.get("EMAIL", "").strip())


def list_some(names: Sequence[str]) -> str:
    """The names, of many the first few and how many more there are."""
    shown = list(dict.fromkeys(names))
    more = len(shown) - _MOST_NAMES
    return ", ".join(shown[:_MOST_NAMES]) + (f" and {more} more" if more > 0 else "")


def _list_candidates(value: str) -> Iterator[str]:
    scheme = _MAILTO.match(value)
    if scheme is None:
        yield _find_bracketed(value)
        return
    # RFC 6068, 2: addresses between commas, each percent-encoded; then fields, of which "to" has addresses.
    recipients, _, fields = value[scheme.end() :].partition("?")
    for field in fields.split("&"):
        name, _, addresses = field.partition("=")
        if name.lower() == "to":
            recipients += f",{addresses}"
    for recipient in recipients.split(","):
        try:
            yield _find_bracketed(unquote(recipient, errors="strict"))
        except UnicodeDecodeError:
            continue


def _find_bracketed(text: str) -> str:
    """The address in `Name <address>`, which some programs write; else the text."""
    match = _BRACKETED.search(text)
    return match[1] if match else text


def _describe(prop: Property) -> str:
    """What an attendee is called: the name, else the value."""
    return " ".join((prop.params.get("CN", "") or prop.value or "(nothing)").split())[:_LONGEST_SHOWN]


def _is_thing(prop: Property) -> bool:
    return prop.params.get("CUTYPE", "").upper() in _NOT_PERSONS


def _find_name(prop: Property) -> str | None:
    name = " ".join(prop.params.get("CN", "").split())[:_NAME_LENGTH]
    try:
        return parse_text(name) or None
    except ValueError:
        return None

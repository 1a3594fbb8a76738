"""Read organizers and attendees: calendar addresses (RFC 5545, 3.3.3) as e-mail addresses."""

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import unquote

from convoke.domain import email_key

from convoke_importer.api_rules import is_typable, parse_email
from convoke_importer.calendars import Component
from convoke_importer.content_lines import Property

# Some programs write it twice, or as if a host followed.
_MAILTO = re.compile(r"(?:mailto\s*:(?://)?\s*)++", re.IGNORECASE)
_BRACKETED = re.compile(r"<([^<>]*)>\s*$")
#: A longer value contains no address, or more than one person has.
_LONGEST_VALUE = 5_000
_LONGEST_SHOWN, _MOST_NAMES = 60, 5
_NAME_LENGTH = 200
_NOT_PERSONS = ("ROOM", "RESOURCE")
_NEEDS_ACTION = "NEEDS-ACTION"


@dataclass(frozen=True, slots=True)
class Person:
    """A person with an address; the name is the calendar's."""

    email: str
    name: str | None = None


def find_organizer(event: Component) -> Person | None:
    """Return the ORGANIZER, or None when there is none with an e-mail address."""
    prop = event.find("ORGANIZER")
    email = next(find_emails(prop), None) if prop else None
    return Person(email, _find_name(prop)) if prop and email else None


def find_owner(calendar_name: str) -> Person | None:
    """Return the calendar's owner, where its name (X-WR-CALNAME) is an address, as in Google's exports."""
    try:
        return Person(parse_email(calendar_name))
    except ValueError:
        return None


def list_invited(event: Component, organizer: Person) -> tuple[list[str], list[str]]:
    """Return the attendees' addresses, each person once, without the organizer; and notes on the others.

    The PARTSTAT of the organizer's copy is ignored, since it is second-hand. Only the attendee responds, by a
    REPLY or in Convoke, and the organizer is notified of it.
    """
    invited: dict[str, str] = {}
    resources, without_email, responded = [], [], []
    for prop in event.find_all("ATTENDEE"):
        emails = list(find_emails(prop))
        if _is_resource(prop):
            resources.append(_describe(prop))
        elif not emails:
            without_email.append(_describe(prop))
        for email in emails if not _is_resource(prop) else ():
            if email_key(email) != email_key(organizer.email):
                invited.setdefault(email_key(email), email)
                if prop.params.get("PARTSTAT", _NEEDS_ACTION).upper() != _NEEDS_ACTION:
                    responded.append(email)
    notes = []
    if resources:
        notes.append(f"a room or resource was not invited: {list_some(resources)}")
    if without_email:
        notes.append(f"an attendee without an e-mail address was not invited: {list_some(without_email)}")
    if responded:
        notes.append(
            f"a PARTSTAT in the organizer's copy was ignored, only a REPLY counts: {list_some(responded)}"
        )
    return list(invited.values()), notes


def has_emails_of_all(event: Component) -> bool:
    """Return whether there are attendees, and all but rooms and resources have an e-mail address."""
    attendees = list(event.find_all("ATTENDEE"))
    return bool(attendees) and all(_is_resource(prop) or any(find_emails(prop)) for prop in attendees)


def delegates(event: Component) -> bool:
    """Return whether the event contains a delegation (RFC 5545, 3.2.4 and 3.2.5)."""
    return any(
        name in prop.params
        for prop in event.find_all("ATTENDEE")
        for name in ("DELEGATED-FROM", "DELEGATED-TO")
    )


def find_attendee(reply: Component) -> Person | None:
    """Return the first ATTENDEE, the sender of a reply, or None when it has no e-mail address or several."""
    prop = reply.find("ATTENDEE")
    emails = list(find_emails(prop)) if prop else []
    return Person(emails[0], _find_name(prop)) if prop and len(emails) == 1 else None


def find_emails(prop: Property) -> Iterator[str]:
    """Yield the addresses in a CAL-ADDRESS, `mailto:` or not; else in its EMAIL parameter (RFC 7986, 6.2)."""
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
    """Return the names in one text; of many the first few and the number of the others."""
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
    """Return the address in `Name <address>`, which some programs write; else the text."""
    match = _BRACKETED.search(text)
    return match[1] if match else text


def _describe(prop: Property) -> str:
    """Return an attendee's name, else the value."""
    return " ".join((prop.params.get("CN", "") or prop.value or "(nothing)").split())[:_LONGEST_SHOWN]


def _is_resource(prop: Property) -> bool:
    return prop.params.get("CUTYPE", "").upper() in _NOT_PERSONS


def _find_name(prop: Property) -> str | None:
    name = " ".join(prop.params.get("CN", "").split())[:_NAME_LENGTH]
    return name if name and is_typable(name) else None

"""Read an event's texts within the API's limits, its reminders, and its UID, or make one."""

import re
from collections.abc import Sequence
from datetime import timedelta
from math import ceil
from uuid import UUID, uuid5

from icalendar.prop import vDuration

from convoke_importer.api_rules import is_typable, unify_line_ends
from convoke_importer.calendars import Calendar, Component
from convoke_importer.content_lines import Property

TITLE_LENGTH, LOCATION_LENGTH, DESCRIPTION_LENGTH = 200, 500, 5_000
_MOST_REMINDERS = 5
_EARLIEST_REMINDER_MINUTES = 40_320
_CYRILLIC = re.compile("[\u0400-\u04ff]")
_MINUTE = timedelta(minutes=1)

_NAMESPACE = UUID("0e9a1f5c-6e0b-5a51-9a5e-3a7c2f0f8d11")
#: The API's limit for a UID.
_UID_LENGTH = 500
_LONGEST_DURATION = 100
#: Of a text that is much longer than the API's limit, this many times the limit is read.
_READ_FACTOR = 10


def read_title(event: Component, calendar: Calendar) -> tuple[str, list[str]]:
    """Return the SUMMARY on one line, or "untitled" in the calendar's language; and notes."""
    said = event.text("SUMMARY")[: TITLE_LENGTH * _READ_FACTOR]
    title, notes = clean_text(" ".join(said.split()), TITLE_LENGTH, "title")
    return title or _name_untitled(event, calendar), notes


def read_text(event: Component, name: str, longest: int) -> tuple[str | None, list[str]]:
    """Return DESCRIPTION or LOCATION, or None where it is empty; and notes."""
    text, notes = clean_text(event.text(name), longest, name.lower())
    return text or None, notes


def clean_text(text: str, longest: int, name: str) -> tuple[str, list[str]]:
    """Return the text without characters that the API rejects, cut to `longest` code points; and notes."""
    notes = []
    text = unify_line_ends(text[: longest * _READ_FACTOR])
    if not is_typable(text):
        text = "".join(character for character in text if is_typable(character)).strip()
        notes.append(f"control characters were taken out of a {name}")
    if len(text) > longest:
        text = text[: longest - 1].rstrip() + "…"
        notes.append(f"a {name} was cut to {longest} characters")
    return text, notes


def read_reminders(event: Component) -> tuple[list[int], list[str]]:
    """Return the minutes before the start of relative alarms (RFC 5545, 3.8.6.3); and notes on the others.

    An event without alarms gets no reminder, as in the file. Past reminders are never sent.
    """
    minutes: set[int] = set()
    notes = []
    for alarm in event.children:
        trigger = alarm.find("TRIGGER") if alarm.kind == "VALARM" else None
        if trigger is None:
            continue
        before = _read_trigger(trigger)
        if before is None:
            notes.append("an alarm other than up to 28 days before the start was left out")
        else:
            minutes.add(before)
    # People rely on the ones nearest to the start.
    kept = sorted(minutes)[:_MOST_REMINDERS]
    if len(kept) < len(minutes):
        notes.append(f"of more than {_MOST_REMINDERS} alarms the last {_MOST_REMINDERS} were kept")
    return kept, notes


def read_sequence(event: Component) -> tuple[int, list[str]]:
    """Return the SEQUENCE (RFC 5545, 3.8.7.4): 0 when absent, and with a note when it is invalid."""
    text = event.text("SEQUENCE") or "0"
    if re.fullmatch(r"\d{1,10}", text, re.ASCII) and int(text) < 2**31:
        return int(text), []
    return 0, ["a SEQUENCE that is not a number was taken for 0"]


def read_uid(component: Component) -> tuple[str, list[str]]:
    """Return the UID, or one derived from it where the API rejects it, or ""; and notes.

    An update, reply or cancellation with the same UID gets the same derived one.
    """
    uid = component.text("UID")
    if len(uid) <= _UID_LENGTH and is_typable(uid):
        return uid, []
    made = str(uuid5(_NAMESPACE, uid.encode("utf-8", "replace").hex()))
    return made, ["a UID that is too long or holds control characters was replaced"]


def make_uid(event: Component) -> str:
    """Return a UID for an event without one, from its contents: the next import makes the same one."""
    return str(uuid5(_NAMESPACE, event.find_identity()))


def _read_trigger(trigger: Property) -> int | None:
    if len(trigger.value) > _LONGEST_DURATION or trigger.params.get("RELATED", "START").upper() != "START":
        return None
    try:
        duration = vDuration.from_ical(trigger.value.strip().upper())
    except ValueError:
        return None
    minutes = ceil(-duration / _MINUTE)
    return minutes if 0 <= minutes <= _EARLIEST_REMINDER_MINUTES and duration <= timedelta() else None


def _name_untitled(event: Component, calendar: Calendar) -> str:
    said: Sequence[str] = (
        event.text("DESCRIPTION"),
        event.text("LOCATION"),
        calendar.header.text("X-WR-CALNAME"),
    )
    russian = calendar.header.text("PRODID").upper().endswith("//RU") or any(map(_CYRILLIC.search, said))
    return "(без названия)" if russian else "(untitled)"

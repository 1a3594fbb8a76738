"""The marks in the titles of a run's events: [producer.event/operation]."""

import re

_TAG = re.compile(r"\[[^\[\]/]+/\d+\]")


def find_tag(text: str) -> str:
    """Return the first mark in a title or a message; empty if there is none."""
    found = _TAG.search(text)
    return found[0] if found else ""


def name_of(tag: str) -> str:
    """Return the name of the event that a mark belongs to."""
    return tag.strip("[]").partition("/")[0]

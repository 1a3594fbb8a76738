"""The marks in the titles of a run's meetings: [producer.meeting/operation]."""

import re

_TAG = re.compile(r"\[[^\[\]/]+/\d+\]")


def find_tag(text: str) -> str:
    """The first mark in a title or a message; empty when there is none."""
    found = _TAG.search(text)
    return found[0] if found else ""


def name_of(tag: str) -> str:
    """The name of the meeting that a mark belongs to."""
    return tag.strip("[]").partition("/")[0]

"""Writes PostgreSQL array literals, for parameters that a statement casts to an array."""

from collections.abc import Iterable
from uuid import UUID


def uuid_array(ids: Iterable[UUID]) -> str:
    """Return the literal of a `uuid[]`."""
    return "{" + ",".join(map(str, ids)) + "}"

"""Makes generated requests acceptable beyond their schema: they name things that exist, and make sense."""

from collections.abc import Iterator, Mapping
from typing import Any

_MIDNIGHTS = {
    "starts_at": "2030-03-01T00:00:00+03:00",
    "ends_at": "2030-03-02T00:00:00+03:00",
    "time_zone": "Europe/Moscow",
}
_LONGEST_KEY = 240


def make_sensible(body: Any, *, known_id: str, number: int) -> Any:
    """A body that the rules accept besides the schema, as like as can be to one that the schema accepts."""
    match body:
        case dict():
            sensible = {name: _take_back_floats(value) for name, value in body.items()}
        case _:
            return body
    if isinstance(sensible.get("starts_at"), str) or isinstance(sensible.get("ends_at"), str):
        sensible |= _order(sensible)
    if sensible.get("all_day"):
        sensible |= _MIDNIGHTS
    if sensible.get("participant_ids"):
        sensible["participant_ids"] = [known_id]
    if sensible.get("participant_emails"):
        sensible["participant_emails"] = list(_drop_same(sensible["participant_emails"]))
    if isinstance(sensible.get("uid"), str):
        # A uid is taken but once.
        sensible["uid"] = f"{number}-{sensible['uid']}"[:500]
    if isinstance(sensible.get("event_cancelled"), dict):
        sensible["event_cancelled"] = {"in_app": True}
    return sensible


def make_unused(key: str, number: int) -> str:
    """An Idempotency-Key like this one that no other request has."""
    if len(key) > _LONGEST_KEY:
        return key
    return f'"{number}-{key[1:]}' if key.startswith('"') else f"{number}-{key}"


def _order(event: Mapping[str, Any]) -> dict[str, str]:
    # The generated instants are in UTC, and sort as texts do.
    given = sorted(event[name] for name in ("starts_at", "ends_at") if name in event)
    return {"starts_at": given[0], "ends_at": given[-1]}


def _take_back_floats(value: Any) -> Any:
    # 1.0 is an integer for JSON Schema. We take numbers as they are written.
    match value:
        case float() if value.is_integer():
            return int(value)
        case list():
            return list(dict.fromkeys(map(_take_back_floats, value)))
    return value


def _drop_same(emails: list[str]) -> Iterator[str]:
    seen = set()
    for email in emails:
        if email.casefold() not in seen:
            yield email
        seen.add(email.casefold())

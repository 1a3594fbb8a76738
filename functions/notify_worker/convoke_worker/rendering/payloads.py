"""What an outbox row says happened: its payload, read and checked before anything is put into words."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from convoke.domain import PAYLOAD_VERSION, NotificationType, ResponseStatus
from convoke.errors import UnrenderablePayloadError

_SPAN_FIELDS = ("starts_at", "ends_at", "all_day", "time_zone")


@dataclass(frozen=True, slots=True)
class Span:
    """When a meeting is. `time_zone` is the meeting's own: the one in which all-day dates are meant."""

    starts_at: datetime
    ends_at: datetime
    all_day: bool
    time_zone: str


@dataclass(frozen=True, slots=True)
class Change:
    """A text of the meeting before and after; None where there was, or is, none."""

    old: str | None
    new: str | None


@dataclass(frozen=True, slots=True)
class Payload:
    """One thing that happened to a meeting; the title and the span are those after it."""

    type: NotificationType
    title: str
    span: Span
    actor_id: UUID | None
    response_status: ResponseStatus | None = None
    #: What `event_updated` changed: where the meeting was in time, and the texts by field.
    earlier_span: Span | None = None
    changes: Mapping[str, Change] | None = None


def parse_payload(type_: str, payload: object) -> Payload:
    """The fact in an outbox row. Raises UnrenderablePayloadError, which names the field at fault.

    Changed fields that are unknown here are left out, so that a newer writer can add some.
    """
    if type_ not in NotificationType:
        raise UnrenderablePayloadError("the outbox row has a type that this worker does not know")
    if not isinstance(payload, dict):
        raise UnrenderablePayloadError("the payload is not a JSON object")
    if payload.get("version") != PAYLOAD_VERSION:
        raise UnrenderablePayloadError("the payload has a version that this worker does not know")
    kind = NotificationType(type_)
    fact = Payload(
        type=kind,
        title=_text(payload, "title"),
        span=Span(**{name: _READERS[name](payload, name) for name in _SPAN_FIELDS}),
        actor_id=_person(payload, "actor_id"),
    )
    if kind is NotificationType.EVENT_UPDATED:
        return _with_changes(fact, payload.get("changes"))
    if kind is NotificationType.PARTICIPANT_RESPONDED:
        return replace(fact, response_status=_response(payload, "response_status"))
    return fact


def _with_changes(fact: Payload, changes: object) -> Payload:
    if not isinstance(changes, dict):
        raise _wrong("changes")
    pairs: dict[str, tuple[Any, Any]] = {}
    for name, pair in changes.items():
        if not isinstance(pair, list) or len(pair) != 2:
            raise _wrong(f"changes.{name}" if name in _CHANGEABLE else "changes")
        pairs[name] = (pair[0], pair[1])
    earlier = {name: _READERS[name]({name: pairs[name][0]}, name) for name in _SPAN_FIELDS if name in pairs}
    texts = {
        name: Change(*(_optional_text({name: value}, name) for value in pairs[name]))
        for name in ("title", "location", "description")
        if name in pairs
    }
    if "title" in texts and None in (texts["title"].old, texts["title"].new):
        raise _wrong("changes.title")
    return replace(
        fact,
        earlier_span=replace(fact.span, **earlier) if earlier else None,
        changes={name: change for name, change in texts.items() if (change.old or "") != (change.new or "")},
    )


def _wrong(name: str) -> UnrenderablePayloadError:
    return UnrenderablePayloadError(f"the payload's {name} is missing or not what it should be")


def _text(fields: Mapping[str, Any], name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str):
        raise _wrong(name)
    return value


def _optional_text(fields: Mapping[str, Any], name: str) -> str | None:
    return None if fields.get(name) is None else _text(fields, name)


def _flag(fields: Mapping[str, Any], name: str) -> bool:
    value = fields.get(name)
    if not isinstance(value, bool):
        raise _wrong(name)
    return value


def _instant(fields: Mapping[str, Any], name: str) -> datetime:
    try:
        instant = datetime.fromisoformat(_text(fields, name))
    except ValueError as error:
        raise _wrong(name) from error
    if instant.tzinfo is None:
        raise _wrong(name)
    return instant


def _person(fields: Mapping[str, Any], name: str) -> UUID | None:
    value = _optional_text(fields, name)
    try:
        return UUID(value) if value is not None else None
    except ValueError as error:
        raise _wrong(name) from error


def _response(fields: Mapping[str, Any], name: str) -> ResponseStatus:
    try:
        return ResponseStatus(_text(fields, name))
    except ValueError as error:
        raise _wrong(name) from error


_READERS: Mapping[str, Any] = {
    "starts_at": _instant,
    "ends_at": _instant,
    "all_day": _flag,
    "time_zone": _text,
}
_CHANGEABLE = frozenset((*_SPAN_FIELDS, "title", "location", "description"))

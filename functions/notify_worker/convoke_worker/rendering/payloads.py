"""Parses the payload of an outbox row, and checks it before anything is rendered."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from convoke.domain import ResponseStatus
from convoke.errors import UnrenderablePayloadError
from convoke.notifications import NotificationType
from convoke.outbox import PAYLOAD_VERSION

_SPAN_FIELDS = ("starts_at", "ends_at", "all_day", "time_zone")


@dataclass(frozen=True, slots=True)
class Span:
    """The time of an event. `time_zone` is the event's own: the one in which all-day dates are meant."""

    starts_at: datetime
    ends_at: datetime
    all_day: bool
    time_zone: str


@dataclass(frozen=True, slots=True)
class Change:
    """A text of the event before and after a change; None where there was, or is, none."""

    old: str | None
    new: str | None


@dataclass(frozen=True, slots=True)
class Payload:
    """The payload of an outbox row; the title and the span are those after the change."""

    type: NotificationType
    title: str
    span: Span
    actor_id: UUID | None
    response_status: ResponseStatus | None = None
    #: The changes of `event_updated`: the span before it, and the texts by field.
    earlier_span: Span | None = None
    changes: Mapping[str, Change] | None = None


def parse_payload(type_: str, fields: object) -> Payload:
    """Return the payload of an outbox row. Raises UnrenderablePayloadError, which names the field at fault.

    Changed fields that are unknown here are left out, so that a newer writer can add some.
    """
    if type_ not in NotificationType:
        raise UnrenderablePayloadError("the outbox row has a type that this worker does not know")
    if not isinstance(fields, dict):
        raise UnrenderablePayloadError("the payload is not a JSON object")
    if fields.get("version") != PAYLOAD_VERSION:
        raise UnrenderablePayloadError("the payload has a version that this worker does not know")
    kind = NotificationType(type_)
    payload = Payload(
        type=kind,
        title=_text(fields, "title"),
        span=Span(**{name: _PARSERS[name](fields, name) for name in _SPAN_FIELDS}),
        actor_id=_id(fields, "actor_id"),
    )
    if kind is NotificationType.EVENT_UPDATED:
        return _with_changes(payload, fields.get("changes"))
    if kind is NotificationType.PARTICIPANT_RESPONDED:
        return replace(payload, response_status=_response(fields, "response_status"))
    return payload


def _with_changes(payload: Payload, changes: object) -> Payload:
    if not isinstance(changes, dict):
        raise _field_error("changes")
    pairs: dict[str, tuple[Any, Any]] = {}
    for name, pair in changes.items():
        if not isinstance(pair, list) or len(pair) != 2:
            raise _field_error(f"changes.{name}" if name in _CHANGEABLE else "changes")
        pairs[name] = (pair[0], pair[1])
    earlier = {name: _PARSERS[name]({name: pairs[name][0]}, name) for name in _SPAN_FIELDS if name in pairs}
    texts = {
        name: Change(*(_optional_text({name: value}, name) for value in pairs[name]))
        for name in ("title", "location", "description")
        if name in pairs
    }
    if "title" in texts and None in (texts["title"].old, texts["title"].new):
        raise _field_error("changes.title")
    return replace(
        payload,
        earlier_span=replace(payload.span, **earlier) if earlier else None,
        changes={name: change for name, change in texts.items() if (change.old or "") != (change.new or "")},
    )


def _field_error(name: str) -> UnrenderablePayloadError:
    return UnrenderablePayloadError(f"the payload's {name} is missing or not what it should be")


def _text(fields: Mapping[str, Any], name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str):
        raise _field_error(name)
    return value


def _optional_text(fields: Mapping[str, Any], name: str) -> str | None:
    return None if fields.get(name) is None else _text(fields, name)


def _flag(fields: Mapping[str, Any], name: str) -> bool:
    value = fields.get(name)
    if not isinstance(value, bool):
        raise _field_error(name)
    return value


def _date_time(fields: Mapping[str, Any], name: str) -> datetime:
    try:
        value = datetime.fromisoformat(_text(fields, name))
    except ValueError as error:
        raise _field_error(name) from error
    if value.tzinfo is None:
        raise _field_error(name)
    return value


def _id(fields: Mapping[str, Any], name: str) -> UUID | None:
    value = _optional_text(fields, name)
    try:
        return UUID(value) if value is not None else None
    except ValueError as error:
        raise _field_error(name) from error


def _response(fields: Mapping[str, Any], name: str) -> ResponseStatus:
    try:
        return ResponseStatus(_text(fields, name))
    except ValueError as error:
        raise _field_error(name) from error


_PARSERS: Mapping[str, Any] = {
    "starts_at": _date_time,
    "ends_at": _date_time,
    "all_day": _flag,
    "time_zone": _text,
}
_CHANGEABLE = frozenset((*_SPAN_FIELDS, "title", "location", "description"))

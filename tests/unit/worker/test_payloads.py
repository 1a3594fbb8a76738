"""A payload must hold certain fields; the error names the one that is missing or wrong."""

from typing import Any

import pytest
from convoke.errors import UnrenderablePayloadError
from convoke_worker.outcomes import describe_failure, is_poison
from convoke_worker.rendering.payloads import Change, parse_payload
from unit.worker.test_texts import PAYLOAD


def test_a_payload_is_parsed() -> None:
    parsed = parse_payload(
        "event_updated", PAYLOAD | {"changes": {"location": ["a", None], "description": ["", None]}}
    )
    assert parsed.title == "Планёрка"
    assert parsed.span.starts_at.isoformat() == "2026-03-05T11:30:00+00:00"
    assert str(parsed.actor_id) == PAYLOAD["actor_id"]
    # An empty description and none are the same to a reader.
    assert parsed.changes == {"location": Change("a", None)}
    assert parsed.earlier_span is None


def test_fields_that_are_not_known_are_left_alone() -> None:
    assert parse_payload("event_invited", PAYLOAD | {"colour": "red"}) == parse_payload(
        "event_invited", PAYLOAD
    )


@pytest.mark.parametrize(
    ("type_", "payload", "named"),
    [
        ("event_exploded", {}, "type"),
        ("event_invited", {"version": 2}, "version"),
        ("event_invited", {"version": None}, "version"),
        ("event_invited", {"title": 7}, "title"),
        ("event_invited", {"starts_at": "secret"}, "starts_at"),
        ("event_invited", {"ends_at": "2026-03-05T12:30:00"}, "ends_at"),
        ("event_invited", {"all_day": "secret"}, "all_day"),
        ("event_invited", {"time_zone": None}, "time_zone"),
        ("event_invited", {"actor_id": "secret"}, "actor_id"),
        ("participant_responded", {"response_status": "secret"}, "response_status"),
        ("event_updated", {}, "changes"),
        ("event_updated", {"changes": {"title": "secret"}}, "changes.title"),
        ("event_updated", {"changes": {"title": ["secret", None]}}, "changes.title"),
        ("event_updated", {"changes": {"starts_at": ["secret", "secret"]}}, "starts_at"),
        ("event_updated", {"changes": {"secret": ["one"]}}, "changes"),
    ],
)
def test_an_error_names_the_field_and_not_its_value(type_: str, payload: dict[str, Any], named: str) -> None:
    with pytest.raises(UnrenderablePayloadError) as caught:
        parse_payload(type_, PAYLOAD | payload)
    assert is_poison(caught.value)
    assert named in describe_failure(caught.value)
    assert "secret" not in describe_failure(caught.value)


@pytest.mark.parametrize("payload", [None, [], "text", 7])
def test_a_payload_that_is_no_object_is_refused(payload: object) -> None:
    with pytest.raises(UnrenderablePayloadError):
        parse_payload("event_invited", payload)


def test_the_reason_of_an_unexpected_error_tells_its_kind_alone() -> None:
    assert describe_failure(KeyError("secret")) == "the delivery failed (KeyError)"

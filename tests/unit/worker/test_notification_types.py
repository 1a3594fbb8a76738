"""Every notification type and every RSVP has its texts in every language."""

from typing import Any
from zoneinfo import ZoneInfo

import pytest
from convoke.domain import ResponseStatus
from convoke.notifications import NotificationType
from convoke.outbox import PAYLOAD_VERSION
from convoke_worker.rendering.payloads import parse_payload
from convoke_worker.rendering.texts import LANGUAGES, render

_PAYLOAD: dict[str, Any] = {
    "version": PAYLOAD_VERSION,
    "title": "Tea",
    "starts_at": "2030-03-05T11:30:00+00:00",
    "ends_at": "2030-03-05T12:30:00+00:00",
    "all_day": False,
    "time_zone": "Europe/Moscow",
    "actor_id": "01890a5d-ac96-774b-bcce-b302099a8057",
}
#: The fields that only some types have.
_FIELDS: dict[NotificationType, dict[str, Any]] = {
    NotificationType.EVENT_UPDATED: {"changes": {"title": ["Coffee", "Tea"]}},
    NotificationType.PARTICIPANT_RESPONDED: {"response_status": "accepted"},
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("type_", NotificationType)
def test_every_type_renders_in_every_language(type_: NotificationType, language: str) -> None:
    payload = parse_payload(type_, _PAYLOAD | _FIELDS.get(type_, {}))

    text = render(payload, language=language, zone=ZoneInfo("UTC"))

    assert text.title == LANGUAGES[language].wording.titles[type_]
    assert "Tea" in text.message
    assert "2030" in text.message
    assert "{" not in text.title + text.message


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("status", ResponseStatus)
def test_every_rsvp_renders_in_every_language(status: ResponseStatus, language: str) -> None:
    payload = parse_payload(
        NotificationType.PARTICIPANT_RESPONDED, _PAYLOAD | {"response_status": status.value}
    )

    text = render(payload, language=language, zone=ZoneInfo("UTC"))

    assert "Tea" in text.message
    assert "{" not in text.message


@pytest.mark.parametrize("language", LANGUAGES)
def test_titles_and_openings_are_complete_and_hold_nothing_else(language: str) -> None:
    wording = LANGUAGES[language].wording

    assert set(wording.titles) == set(NotificationType)
    # The opening of `participant_responded` depends on the RSVP.
    assert set(wording.openings) == set(NotificationType) - {NotificationType.PARTICIPANT_RESPONDED}
    assert set(wording.responses) == set(ResponseStatus)

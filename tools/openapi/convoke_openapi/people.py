"""Describes the operations on the caller and on the service itself."""

from convoke_api.me.blocks import own_block_error, too_many_blocks_error
from convoke_api.me.schemas import MeChange, Preferences

from convoke_openapi.error_examples import body_error
from convoke_openapi.examples import ANNA, ANNA_ID, JOHN_ID
from convoke_openapi.operation import Operation

_ME = {**ANNA, "locale": "ru", "time_zone": "Europe/Moscow"}
_WANTED = {"in_app": True}
_PREFERENCES = {
    "event_invited": _WANTED,
    "event_updated": {"in_app": False},
    "event_cancelled": _WANTED,
    "event_reminder": _WANTED,
    "participant_responded": {"in_app": False},
    "participant_removed": _WANTED,
}

OPERATIONS = {
    "get_me": Operation(
        summary="Get the caller",
        details="The first call of a new person creates the user, or takes over the user that was invited "
        "under the verified address.",
        response="The caller.",
        response_examples={
            "complete": _ME,
            "no_name": {
                "id": ANNA_ID,
                "email": None,
                "full_name": None,
                "locale": "en",
                "time_zone": "UTC",
            },
        },
    ),
    "update_me": Operation(
        summary="Change the caller",
        response="The changed caller.",
        request_examples={
            "name_and_zone": {"full_name": "Анна Петрова", "time_zone": "Asia/Yekaterinburg"},
            "language": {"locale": "en-GB"},
        },
        response_examples={"changed": {**_ME, "time_zone": "Asia/Yekaterinburg"}},
        errors={"unknown_zone": body_error(MeChange, {"time_zone": "Moscow", "locale": "русский"})},
    ),
    "erase_me": Operation(
        summary="Erase the caller",
        details="Permanent (GDPR, article 17). Notifications of others no longer name the caller. Tokens "
        "issued before are rejected; with one issued later the person starts as a new user. The caller's "
        "data is inaccessible at once; if there is much of it, rows are deleted and events cancelled within "
        "minutes.",
        response="The caller is erased.",
    ),
    "get_preferences": Operation(
        summary="Get the caller's preferences",
        response="For each type of notification, whether it is written for the caller.",
        response_examples={"some_muted": _PREFERENCES},
    ),
    "replace_preferences": Operation(
        summary="Replace the caller's preferences",
        details="Replaces all preferences. A cancellation cannot be muted.",
        response="The new preferences.",
        request_examples={
            "mute_two": {"event_updated": {"in_app": False}, "participant_responded": {"in_app": False}},
            "mute_nothing": {},
        },
        response_examples={"some_muted": _PREFERENCES},
        errors={
            "cancellation_muted": body_error(Preferences, {"event_cancelled": {"in_app": False}}),
        },
    ),
    "list_blocks": Operation(
        summary="List the people whom the caller has blocked",
        response="A page of people, by id.",
        response_examples={
            "last_page": {
                "items": [{"user_id": JOHN_ID, "created_at": "2027-02-22T09:15:42.137204Z"}],
                "next_cursor": None,
            }
        },
        links={"unblock_person": {"user_id": "$response.body#/items/0/user_id"}},
    ),
    "block_person": Operation(
        summary="Block a person",
        details="That includes cancellations. Notifications written before stay; reminders of that person's "
        "events are written as long as the caller participates. Nobody is notified of a block.",
        response="The person is blocked, by this request or by an earlier one.",
        errors={"own_id": own_block_error(), "too_many": too_many_blocks_error()},
    ),
    "unblock_person": Operation(
        summary="Unblock a person",
        details="Notifications that the block suppressed are not written later.",
        response="The person is not blocked.",
    ),
    "get_health": Operation(
        summary="Check that the function runs",
        response="It runs.",
        response_examples={"running": {"status": "ok"}},
    ),
    "head_health": Operation(summary="Probe the function", response="The function runs."),
    "get_openapi": Operation(
        summary="Get this document",
        response="The document.",
        response_examples={
            "beginning": {"openapi": "3.1.0", "info": {"title": "Convoke", "version": "1"}, "paths": {}}
        },
    ),
}

"""Operations of the caller, and of the service itself."""

from convoke_api.me.blocks import own_block_error, too_many_blocks_error
from convoke_api.me.schemas import MeChange, Preferences

from convoke_openapi.examples import ANNA, ANNA_ID, JOHN_ID
from convoke_openapi.operation import Operation
from convoke_openapi.refusals import refused_body

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
        details="The first call of a new person makes them, or takes over who was invited under their "
        "verified address.",
        answer="The caller.",
        answers={
            "complete": _ME,
            "nameless": {
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
        answer="The caller, as they are now.",
        bodies={
            "name_and_zone": {"full_name": "Анна Петрова", "time_zone": "Asia/Yekaterinburg"},
            "language": {"locale": "en-GB"},
        },
        answers={"changed": {**_ME, "time_zone": "Asia/Yekaterinburg"}},
        refusals={"unknown_zone": refused_body(MeChange, {"time_zone": "Moscow", "locale": "русский"})},
    ),
    "erase_me": Operation(
        summary="Erase the caller",
        details="For good (GDPR, article 17). What others were told no longer names them. Tokens that were "
        "issued before this are refused; with one issued later the person starts anew, as somebody else. "
        "What is the caller's is out of reach at once; of very much of it, the rows and the cancellations of "
        "events to come follow within minutes.",
        answer="The caller is erased.",
    ),
    "get_preferences": Operation(
        summary="Get the caller's preferences",
        answer="Each type of notification, and whether it is written for the caller.",
        answers={"some_muted": _PREFERENCES},
    ),
    "replace_preferences": Operation(
        summary="Replace the caller's preferences",
        details="All of them at once. A cancellation cannot be muted.",
        answer="The preferences, as they are now.",
        bodies={
            "mute_two": {"event_updated": {"in_app": False}, "participant_responded": {"in_app": False}},
            "mute_nothing": {},
        },
        answers={"some_muted": _PREFERENCES},
        refusals={
            "cancellation_muted": refused_body(Preferences, {"event_cancelled": {"in_app": False}}),
        },
    ),
    "list_blocks": Operation(
        summary="List whom the caller has blocked",
        answer="A page of people, by id.",
        answers={
            "last_page": {
                "items": [{"user_id": JOHN_ID, "created_at": "2027-02-22T09:15:42.137204Z"}],
                "next_cursor": None,
            }
        },
        links={"unblock_person": {"user_id": "$response.body#/items/0/user_id"}},
    ),
    "block_person": Operation(
        summary="Block a person",
        details="Not even of a cancellation. What was written before stays; reminders of that person's "
        "events are written as long as the caller takes part. Nobody is told of a block.",
        answer="The person is blocked, by this request or by an earlier one.",
        refusals={"oneself": own_block_error(), "too_many": too_many_blocks_error()},
    ),
    "unblock_person": Operation(
        summary="Take back a block",
        details="What was not written meanwhile is not written later.",
        answer="The person is not blocked.",
    ),
    "get_health": Operation(
        summary="Check that the service runs",
        answer="It runs.",
        answers={"running": {"status": "ok"}},
    ),
    "head_health": Operation(summary="Probe the service", answer="It runs."),
    "get_openapi": Operation(
        summary="Get this document",
        answer="The document.",
        answers={
            "beginning": {"openapi": "3.1.0", "info": {"title": "Convoke", "version": "1"}, "paths": {}}
        },
    ),
}

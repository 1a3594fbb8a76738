"""Describes the operations on participants."""

from convoke.errors import Problem, UnacceptableError
from convoke_api.events.schemas import AnswerChange, ParticipantsAdd
from convoke_api.people.statements import too_many_participants_error

from convoke_openapi.error_examples import CANCELLED, ORGANIZER_ONLY, QUOTAS, body_error
from convoke_openapi.examples import JOHN_ACCEPTED, JOHN_ID, MARIA_INVITED
from convoke_openapi.operation import Operation

OPERATIONS = {
    "list_participants": Operation(
        summary="List the participants of an event",
        response="A page of participants, by id.",
        response_examples={"last_page": {"items": [MARIA_INVITED, JOHN_ACCEPTED], "next_cursor": None}},
        links={
            "remove_participant": {
                "event_id": "$request.path.event_id",
                "user_id": "$response.body#/items/0/user_id",
            }
        },
    ),
    "add_participants": Operation(
        summary="Invite people to an event",
        details="Each new participant gets exactly one `event_invited`.",
        request_examples={
            "by_address": {"participant_emails": ["maria@example.org", "john@example.org"]},
            "by_id": {"participant_ids": [JOHN_ID]},
        },
        response="The number of new participants.",
        response_examples={"one_is_new": {"added": 1}},
        errors={
            **ORGANIZER_ONLY,
            **CANCELLED,
            **QUOTAS,
            "duplicate": body_error(
                ParticipantsAdd, {"participant_emails": ["maria@example.org", "Maria@example.org"]}
            ),
            "unknown_ids": UnacceptableError(
                "Some participant_ids are unknown.", [Problem("/participant_ids/0", "unknown user id")]
            ),
            "too_many": too_many_participants_error(100_000, ""),
        },
    ),
    "answer_invitation": Operation(
        summary="Respond to an invitation",
        details="An RSVP can be changed at any time.",
        request_examples={
            "accept": {"response_status": "accepted"},
            "decline": {"response_status": "declined"},
        },
        response="The caller, as a participant.",
        response_examples={"accepted": JOHN_ACCEPTED},
        errors={
            **CANCELLED,
            **QUOTAS,
            "unknown_status": body_error(AnswerChange, {"response_status": "maybe"}),
        },
    ),
    "remove_participant": Operation(
        summary="Remove a participant from an event",
        details="The removed person gets `participant_removed`.",
        response="The person is no longer a participant.",
        errors={**ORGANIZER_ONLY, **CANCELLED, **QUOTAS},
    ),
    "leave_event": Operation(
        summary="Leave an event",
        details="Notifications that are not delivered to the caller yet are not written either. The "
        "organizer is notified as of a declined invitation, unless it was declined before. An organizer who "
        "leaves stays the organizer and gets reminders. A person who has left may be invited again.",
        response="The caller is no longer a participant.",
        errors={**CANCELLED, **QUOTAS},
    ),
}

"""Operations on who takes part."""

from convoke.errors import Problem, UnacceptableError
from convoke_api.events.schemas import AnswerChange, ParticipantsAdd
from convoke_api.people.statements import too_many_participants_error

from convoke_openapi.examples import JOHN_ACCEPTED, JOHN_ID, MARIA_INVITED
from convoke_openapi.operation import Operation
from convoke_openapi.refusals import CANCELLED, NOT_THE_ORGANIZER, QUOTAS, refused_body

OPERATIONS = {
    "list_participants": Operation(
        summary="List who is invited",
        answer="A page of participants, by id.",
        answers={"last_page": {"items": [MARIA_INVITED, JOHN_ACCEPTED], "next_cursor": None}},
        links={
            "remove_participant": {
                "event_id": "$request.path.event_id",
                "user_id": "$response.body#/items/0/user_id",
            }
        },
    ),
    "add_participants": Operation(
        summary="Invite people to an event",
        details="Each of the new ones gets exactly one `event_invited`.",
        bodies={
            "by_address": {"participant_emails": ["maria@example.org", "john@example.org"]},
            "by_id": {"participant_ids": [JOHN_ID]},
        },
        answer="How many of them did not take part before.",
        answers={"one_is_new": {"added": 1}},
        refusals={
            **NOT_THE_ORGANIZER,
            **CANCELLED,
            **QUOTAS,
            "named_twice": refused_body(
                ParticipantsAdd, {"participant_emails": ["maria@example.org", "Maria@example.org"]}
            ),
            "unknown_people": UnacceptableError(
                "Some participant_ids are unknown.", [Problem("/participant_ids/0", "unknown user id")]
            ),
            "too_many": too_many_participants_error(100_000, ""),
        },
    ),
    "answer_invitation": Operation(
        summary="Answer an invitation",
        details="An answer can be changed as often as one likes.",
        bodies={"accept": {"response_status": "accepted"}, "decline": {"response_status": "declined"}},
        answer="The caller, as a participant.",
        answers={"accepted": JOHN_ACCEPTED},
        refusals={
            **CANCELLED,
            **QUOTAS,
            "no_answer": refused_body(AnswerChange, {"response_status": "maybe"}),
        },
    ),
    "remove_participant": Operation(
        summary="Remove somebody from an event",
        details="That person gets `participant_removed`.",
        answer="They no longer take part.",
        refusals={**NOT_THE_ORGANIZER, **CANCELLED, **QUOTAS},
    ),
    "leave_event": Operation(
        summary="Leave an event",
        details="What is on its way to the caller is not written either. The organizer is told as of a "
        "declined invitation, unless it was declined before. An organizer who leaves stays the organizer "
        "and is reminded as such. A person who has left may be invited again.",
        answer="The caller no longer takes part.",
        refusals={**CANCELLED, **QUOTAS},
    ),
}

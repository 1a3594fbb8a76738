"""Adds people to an event and invites them; nobody else is notified."""

from convoke.errors import DatabaseUnavailableError
from convoke.notifications import NotificationType
from sqlalchemy import RowMapping

from convoke_api.events.change_statement import make_change_statement, run_change
from convoke_api.events.locks import ensure_confirmed
from convoke_api.events.schemas import ParticipantsAdd
from convoke_api.outbox.quotas import CHARGE
from convoke_api.people.statements import (
    RESOLVE_PEOPLE,
    WHEN_UNKNOWN_IDS,
    ensure_participant_limit,
    participants_when,
    people_parameters,
    too_many_participants_error,
    unknown_ids_error,
)
from convoke_api.unit_of_work import UnitOfWork

#: A concurrent request may insert a user for one of the addresses; more failures are not a race.
_TRIES = 3

# The event is locked, so no other request adds the same people now. The charge stands before the users that
# the statement inserts (convoke_api.outbox.quotas).
_INVITE = make_change_statement(
    NotificationType.EVENT_INVITED,
    request_columns="max_participants integer, charged boolean",
    effect=f"""
{RESOLVE_PEOPLE},
checked AS MATERIALIZED (
    SELECT CASE
        {WHEN_UNKNOWN_IDS}
        WHEN (SELECT count(*)
              FROM (SELECT part.user_id FROM event_participants AS part, request
                    WHERE part.event_id = request.event_id
                    UNION SELECT id FROM known_people) AS together)
             + (SELECT count(*) FROM addresses) - (SELECT count(invited_address) FROM known_people)
             > (SELECT max_participants FROM request) THEN 'too_many'
        ELSE 'invited'
    END AS outcome
),
-- A statement that runs again after a race was charged before, in the same transaction.
act AS MATERIALIZED (
    SELECT event.organizer_id AS actor_id,
           (SELECT count(DISTINCT known_people.id) FROM known_people
            WHERE known_people.id <> event.organizer_id
              AND NOT EXISTS (SELECT FROM event_participants AS part
                              WHERE part.event_id = event.id AND part.user_id = known_people.id))
           + (SELECT count(*) FROM addresses) - (SELECT count(invited_address) FROM known_people)
               AS recipients,
           CAST(NULL AS integer) AS create_quota, CAST(NULL AS integer) AS create_quota_seconds
    FROM checked, request JOIN events AS event ON event.id = request.event_id
    WHERE checked.outcome = 'invited' AND NOT request.charged
      AND (request.notify_ended OR event.ends_at > now())
),
{CHARGE},
decision AS MATERIALIZED (
    SELECT coalesce(charge.refusal, checked.outcome) AS outcome FROM checked LEFT JOIN charge ON true
),
{participants_when("invited")},
added AS (
    INSERT INTO event_participants (event_id, user_id, invited_address)
    SELECT request.event_id, participants.id, participants.invited_address
    FROM request, participants, decision, resolved
    WHERE decision.outcome = 'invited' AND resolved.all_addresses
      AND NOT EXISTS (SELECT FROM event_participants AS part
                      WHERE part.event_id = request.event_id AND part.user_id = participants.id)
    ORDER BY participants.id
    RETURNING user_id AS id
)""",  # noqa: S608 - constants only
    changed="added",
    payload="'actor_id', event.organizer_id",
    recipients="SELECT added.id FROM added, event WHERE added.id <> event.organizer_id",
    charge="",
    result="""
       (SELECT CASE WHEN decision.outcome = 'invited' AND NOT resolved.all_addresses THEN 'raced'
                    ELSE decision.outcome END FROM decision, resolved) AS outcome,
       (SELECT count(*) FROM added) AS added""",
)


def invite(work: UnitOfWork, event: RowMapping, body: ParticipantsAdd) -> int:
    """Add the people who do not take part yet in the locked event and invite them; returns how many.

    Raises ConflictError (cancelled), UnacceptableError or QuotaExceededError.
    """
    limit = work.settings.max_participants
    ensure_participant_limit(body.participant_ids, body.participant_emails, limit)
    ensure_confirmed(event)
    people = people_parameters(body.participant_ids, body.participant_emails)
    values = {"max_participants": limit, "charged": False}
    for _ in range(_TRIES):
        row = run_change(work, _INVITE, event["id"], values, people=people)
        match row["outcome"]:
            case "invited":
                return int(row["added"])
            case "raced":
                values["charged"] = True
            case "too_many":
                raise too_many_participants_error(limit, "")
            case _:
                raise unknown_ids_error(work.connection, people)
    raise DatabaseUnavailableError("inviting participants failed: other requests inserted the same addresses")

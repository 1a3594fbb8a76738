"""Selects the name and address that a person shows to others: SQL expressions, and the join they need.

A name, and the person's own spelling of the address, are shown on the events of an organizer to whom the
person has responded before (docs/decisions/0046). Until then only the address that the inviter typed is
shown: neither an address nor an id may reveal that there is an account. An unverified address is never shown,
and nothing of an erased person is shown.

The expressions read `event` (organizer_id), `part` (user_id, invited_address) and `users`.
"""

#: Uses the primary key; `known` has no row for a person who has not responded to the organizer.
JOIN_ACQUAINTANCES = """
LEFT JOIN acquaintances AS known ON known.organizer_id = event.organizer_id AND known.user_id = part.user_id
"""

_IS_KNOWN = "(known.user_id IS NOT NULL OR part.user_id = event.organizer_id)"


def verified_email(alias: str) -> str:
    """Return an expression: the address of a row of users if it is verified, else null."""
    return f"CASE WHEN {alias}.email_key IS NOT NULL THEN {alias}.email END"


SHOWN_NAME = f"CASE WHEN {_IS_KNOWN} AND users.erased_at IS NULL THEN users.full_name END"
SHOWN_EMAIL = f"""CASE WHEN users.erased_at IS NOT NULL THEN NULL
             WHEN {_IS_KNOWN} THEN {verified_email("users")}
             ELSE part.invited_address END"""


def insert_acquaintance(person: str) -> str:
    """Return a CTE that makes the organizer of `event` see the name of the person in the CTE `person`."""
    return f"""
acquainted AS (
    INSERT INTO acquaintances (organizer_id, user_id)
    SELECT event.organizer_id, {person}.id FROM event, {person} WHERE event.organizer_id <> {person}.id
    ON CONFLICT DO NOTHING
)"""  # noqa: S608 - names of our CTEs

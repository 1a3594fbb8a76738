"""What a person shows to others: SQL expressions, and the join that they need.

A name, and the person's own spelling of the address, are shown on the events of an organizer to whom the
person has responded before (docs/decisions/0046). Until then there is nothing but what the inviter typed:
neither an address nor an id may tell that there is an account. An address that is not verified is shown to
nobody, and nothing of a person who is erased.

The expressions read `event` (organizer_id), `part` (user_id, invited_address) and `users`.
"""

#: Looked up by the primary key; `known` has no row for a person who has not responded to the organizer.
JOIN_ACQUAINTANCES = """
LEFT JOIN acquaintances AS known ON known.organizer_id = event.organizer_id AND known.user_id = part.user_id
"""

_IS_KNOWN = "(known.user_id IS NOT NULL OR part.user_id = event.organizer_id)"


def verified_email(alias: str) -> str:
    """The address of a row of users, if it is verified."""
    return f"CASE WHEN {alias}.email_key IS NOT NULL THEN {alias}.email END"


SHOWN_NAME = f"CASE WHEN {_IS_KNOWN} AND users.erased_at IS NULL THEN users.full_name END"
SHOWN_EMAIL = f"""CASE WHEN users.erased_at IS NOT NULL THEN NULL
             WHEN {_IS_KNOWN} THEN {verified_email("users")}
             ELSE part.invited_address END"""

"""Charges each act that creates an event or notifies people to its actor's quotas, within its statement.

The CTEs here are shared by statements. They use these CTEs, which each statement defines:
  request  one row: wave_quota, notification_quota
  act      the act to charge, at most one row: actor_id, recipients, create_quota and create_quota_seconds

The charge locks the actor's row of `quota_usage`. A statement that inserts users charges first: two acts of
one actor that insert the same addresses would deadlock otherwise.
"""

from convoke.errors import QuotaExceededError
from sqlalchemy import RowMapping

from convoke_api.settings import ApiSettings

CHARGE_COLUMNS = "wave_quota integer, notification_quota integer"

CHARGE = """
charge AS MATERIALIZED (
    SELECT charged.refusal, charged.retry_after_seconds
    FROM request, act CROSS JOIN LATERAL charge_quotas(
        act.actor_id, act.recipients, act.create_quota, act.create_quota_seconds,
        request.wave_quota, request.notification_quota) AS charged
)"""

#: SQL condition: false when the request has notify_ended=false and the event has ended, by its end before the
#: change and by its end after it.
IS_NOTIFIED = "(request.notify_ended OR greatest(event.ends_at, request.previous_ends_at) > change.at)"

#: For a change of an event; its CTEs `change` and `recipients` are those of `convoke_api.outbox.statements`.
CHARGE_RECIPIENTS = f"""
act AS MATERIALIZED (
    SELECT CAST(change.payload ->> 'actor_id' AS uuid) AS actor_id,
           (SELECT count(*) FROM recipients, request, event WHERE {IS_NOTIFIED}) AS recipients,
           CAST(NULL AS integer) AS create_quota, CAST(NULL AS integer) AS create_quota_seconds
    FROM change
),
{CHARGE}"""  # noqa: S608 - constants only

#: Result columns: `refusal` is the name of the quota that the act would exceed, or `wave_too_large`; null if
#: the act was charged.
REFUSAL = """(SELECT refusal FROM charge) AS refusal,
       (SELECT retry_after_seconds FROM charge) AS retry_after_seconds"""

#: The refusal of a change that notifies more people than the quota of an hour: no time makes room for it.
_WAVE_TOO_LARGE = "wave_too_large"
_DETAILS = {
    "create_quota": "Too many events created; try again later.",
    "wave_quota": "Too many changes that notify others within an hour; try again later.",
    "notification_quota": "Too many notifications within an hour; try again later.",
}


def ensure_within_quotas(row: RowMapping, settings: ApiSettings) -> None:
    """Raise QuotaExceededError if the charge of the row was refused. The transaction must be rolled back."""
    if row["refusal"] is not None:
        raise quota_error(row["refusal"], row["retry_after_seconds"], settings)


def is_refusal(outcome: str) -> bool:
    """Return whether an outcome is a refusal of the charge: the name of a quota, or `wave_too_large`."""
    return outcome == _WAVE_TOO_LARGE or outcome in _DETAILS


def quota_error(refusal: str, retry_after_seconds: int, settings: ApiSettings) -> QuotaExceededError:
    """Make the error for a refusal of the charge."""
    if refusal == _WAVE_TOO_LARGE:
        return QuotaExceededError(
            retry_after_seconds,
            f"One change can notify at most {settings.notification_quota} people, the hourly quota of "
            "notifications (setting NOTIFICATION_QUOTA). Trying again later does not help.",
        )
    return QuotaExceededError(retry_after_seconds, _DETAILS[refusal])

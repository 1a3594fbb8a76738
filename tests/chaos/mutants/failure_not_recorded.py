"""Records nothing at the last receive, so that the relay re-sends rows that cannot be delivered."""

from chaos.mutation import replace
from convoke_worker.failures import Failures

RULE = "5: the last receive writes failed_at and the reason: an alarm, not a loop"
CAUGHT_BY = "an_unprocessable_row_is_given_up_with_a_reason"


def apply() -> None:
    replace(Failures, "_mark_failed", lambda *_arguments: None)

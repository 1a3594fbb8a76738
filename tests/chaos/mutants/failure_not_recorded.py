"""The last receive leaves no trace: the relay goes on sending what nobody can deliver."""

from chaos.mutation import replace
from convoke_worker.failures import Failures

RULE = "5: the last receive writes failed_at and the reason: an alarm, not a loop"
CAUGHT_BY = "poison_is_given_up_with_a_reason"


def apply() -> None:
    replace(Failures, "_mark_failed", lambda *_arguments: None)

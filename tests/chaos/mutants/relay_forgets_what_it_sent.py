"""Sent counts as done: acknowledged by the queue, not by the delivery."""

import convoke_relay.sweep as sweep
from chaos.mutation import replace

RULE = "4: end-to-end acknowledgement; a purged queue and a dead worker are recovered alike"
CAUGHT_BY = "harness"


def apply() -> None:
    replace(sweep, "claim_sent", lambda *_arguments, **_named: [])

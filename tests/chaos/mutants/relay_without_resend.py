"""Counts a sent row as delivered: acknowledged by the queue, not by the delivery."""

import convoke_relay.sweep as sweep
from chaos.mutation import replace

RULE = "4: end-to-end acknowledgement; the relay recovers from a purged queue and from a dead worker"
CAUGHT_BY = "harness"


def apply() -> None:
    replace(sweep, "claim_sent", lambda *_arguments, **_named: [])

"""Re-sends a row at every tick."""

import convoke_relay.sweep as sweep
from chaos.mutation import replace

RULE = "4: each send postpones the next attempt, with exponential backoff"
CAUGHT_BY = "a_row_is_sent_once_in_its_backoff"


def apply() -> None:
    replace(sweep, "backoff_seconds", lambda *_arguments, **_named: 0.0)

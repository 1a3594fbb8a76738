"""Re-sends messages that the queue still holds."""

import convoke_relay.sweep as sweep
from chaos.mutation import replace

RULE = "4: nothing is re-sent while the queue holds more than a tick's work"
CAUGHT_BY = "nothing_is_re_sent_to_a_full_queue"


def apply() -> None:
    replace(sweep, "_has_room", lambda _queue, _limit: True)

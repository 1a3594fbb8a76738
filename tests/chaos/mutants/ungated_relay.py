"""The relay sends again whatever the queue still holds."""

import convoke_relay.sweep as sweep
from chaos.mutation import replace

RULE = "4: nothing is re-sent while the queue holds more than a tick's work"
CAUGHT_BY = "a_full_queue_is_not_made_fuller"


def apply() -> None:
    replace(sweep, "_has_room", lambda _queue, _limit: True)

"""Re-sends nothing that the queue has lost."""

import convoke_relay.handler as relay
from chaos.mutation import replace

RULE = "4: a row stays undelivered until its notifications are committed, and the relay re-sends it"
CAUGHT_BY = "harness"


def apply() -> None:
    replace(relay, "handler", lambda _event, _context: {})

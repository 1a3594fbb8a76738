"""Notifies the actor too."""

import convoke_worker.delivery as delivery
from chaos.mutation import replace

RULE = "8: the actor is never notified of the actor's own act"
CAUGHT_BY = "the_actor_is_not_notified"


def apply() -> None:
    replace(delivery, "_find_excluded_actor", lambda _payload: None)

"""The relay's deployed handler with kill points, and a mutant if one is named."""

import convoke_relay.handler as relay
import convoke_relay.sweep as sweep
from chaos.kill_points import around_call, around_commit
from chaos.mutation import apply_mutant
from convoke.queues import SqsQueue

apply_mutant()

setattr(sweep, "transaction", around_commit(sweep.transaction, "relay"))  # noqa: B010
setattr(SqsQueue, "send", around_call(SqsQueue.send, after="kill.relay.after_send"))  # noqa: B010

handler = relay.handler

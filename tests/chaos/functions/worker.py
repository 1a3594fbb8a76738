"""The worker's deployed handler with kill points, and a mutant if one is named."""

import convoke_worker.handler as worker
from chaos.kill_points import around_call, around_commit
from chaos.mutation import apply_mutant

apply_mutant()

setattr(worker, "transaction", around_commit(worker.transaction, "worker"))  # noqa: B010
setattr(worker, "deliver", around_call(worker.deliver, before="kill.worker.before_claim"))  # noqa: B010

handler = worker.handler

"""The API's deployed handler with kill points, and a mutant if one is named."""

import convoke_api.dependencies as dependencies
import convoke_api.events.create as scheduling
from chaos.kill_points import around_call, around_commit
from chaos.mutation import apply_mutant

apply_mutant()

# Attributes are set by name: for a type checker a module's functions are constants.
setattr(dependencies, "transaction", around_commit(dependencies.transaction, "api"))  # noqa: B010
setattr(  # noqa: B010
    dependencies, "send_messages", around_call(dependencies.send_messages, after="kill.api.after_send")
)
# The creation is a transaction of its own, in one statement.
setattr(  # noqa: B010
    scheduling,
    "_run",
    around_call(scheduling._run, before="kill.api.before_commit", after="kill.api.after_commit"),
)

# After the patches: this composes the application.
from convoke_api.handler import handler  # noqa: E402

__all__ = ["handler"]

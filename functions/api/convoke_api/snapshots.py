"""Lambda SnapStart: what must not be in a snapshot, as many environments start from the same one.

"Lambda SnapStart runtime hooks for Python" and "Handling uniqueness with Lambda SnapStart" (AWS Lambda
Developer Guide). What `os.urandom` gives (uuid4, secrets) differs by itself.
"""

import random

from sqlalchemy import Engine


def register_hooks(engine: Engine) -> bool:
    """Have the runtime call the two functions below; False where there is no such runtime."""
    try:
        # Comes with Lambda's runtime, and is in no artifact.
        from snapshot_restore_py import register_after_restore, register_before_snapshot
    except ImportError:
        return False
    register_before_snapshot(before_snapshot, engine)
    register_after_restore(after_restore, engine)
    return True


def before_snapshot(engine: Engine) -> None:
    """Close what would be the connection of all environments, and forget the credentials."""
    engine.dispose()


def after_restore(engine: Engine) -> None:
    """Start anew: the next request connects, with credentials of this environment's own."""
    engine.dispose()
    random.seed()

"""Prepares for Lambda SnapStart: keeps out of the snapshot what environments restored from it must not share.

"Lambda SnapStart runtime hooks for Python" and "Handling uniqueness with Lambda SnapStart" (AWS Lambda
Developer Guide). Values of `os.urandom` (uuid4, secrets) differ without help.
"""

import random

from sqlalchemy import Engine


def register_hooks(engine: Engine) -> bool:
    """Register the two functions below with the runtime; return False without a SnapStart runtime."""
    try:
        # Part of Lambda's runtime; no artifact contains it.
        from snapshot_restore_py import register_after_restore, register_before_snapshot
    except ImportError:
        return False
    register_before_snapshot(before_snapshot, engine)
    register_after_restore(after_restore, engine)
    return True


def before_snapshot(engine: Engine) -> None:
    """Close the connection, which all environments would share, and drop the credentials."""
    engine.dispose()


def after_restore(engine: Engine) -> None:
    """Reset the engine and the random seed: the next request connects with new credentials."""
    engine.dispose()
    random.seed()

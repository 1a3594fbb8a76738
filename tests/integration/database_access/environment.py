"""A program: the API function in an environment that is snapshotted and restored twice, by forking.

Run with the function's variables and an event (a file). Prints one JSON object per line: `at`, the random
number that comes next, and the process of PostgreSQL that responded, or whether there is a connection.
"""

import json
import os
import random
import sys
from typing import Any

from awslambdaric import lambda_runtime_hooks_runner as hooks
from convoke_api.handler import handler
from snapshot_restore_py import get_after_restore
from sqlalchemy import Engine, text


def tell(at: str, engine: Engine) -> None:
    with engine.connect() as connection:
        backend = connection.execute(text("SELECT pg_backend_pid()")).scalar()
    line: dict[str, Any] = {"at": at, "random": random.random(), "backend": backend}
    print(json.dumps(line), flush=True)


def main() -> None:
    with open(sys.argv[1], encoding="utf-8") as file:
        event = json.load(file)
    engine = find_engine()
    assert handler(event, None)["statusCode"] == 201
    tell("before", engine)
    if sys.argv[2] == "hooks":
        hooks.run_before_snapshot()
    print(json.dumps({"at": "snapshot", "connected": engine.pool.checkedin()}), flush=True)
    state = random.getstate()
    for number in range(2):
        restored = os.fork()
        if restored == 0:
            # A fork draws new numbers by itself, a snapshot does not.
            random.setstate(state)
            if sys.argv[2] == "hooks":
                hooks.run_after_restore()
            tell(f"restored {number}", engine)
            os._exit(0)
        os.waitpid(restored, 0)


def find_engine() -> Engine:
    """The engine that the handler has registered for the hooks."""
    ((_function, arguments, _named),) = get_after_restore()
    (engine,) = arguments
    assert isinstance(engine, Engine)
    return engine


main()

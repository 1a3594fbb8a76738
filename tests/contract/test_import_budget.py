"""Bounds the modules that a handler loads at import: each of them is paid at every cold start."""

import json
import os
import subprocess
import sys

import pytest

HANDLERS = (
    "convoke_api.handler",
    "convoke_worker.handler",
    "convoke_relay.handler",
    "convoke_migrator.handler",
)

#: Loaded at first use or never: boto3 costs 170 ms, the ORM and alembic as much as the rest together.
#: Powertools imports the bare package `botocore` (1 ms) to name itself to AWS; what costs is below it.
NEVER_AT_IMPORT = {
    "boto3",
    "botocore.session",
    "botocore.client",
    "botocore.loaders",
    "alembic",
    "aws_xray_sdk",
    "sqlalchemy.orm",
}
WEB = {"fastapi", "starlette", "pydantic", "mangum"}


@pytest.mark.parametrize("handler", HANDLERS)
def test_no_handler_loads_what_only_some_calls_need(handler: str) -> None:
    assert modules_loaded_by(handler) & NEVER_AT_IMPORT == set()


@pytest.mark.parametrize(
    "handler", ["convoke_worker.handler", "convoke_relay.handler", "convoke_migrator.handler"]
)
def test_only_the_api_loads_a_web_framework(handler: str) -> None:
    assert modules_loaded_by(handler) & WEB == set()


def modules_loaded_by(handler: str) -> set[str]:
    """The names of all modules in memory after the import, in a fresh interpreter as on Lambda."""
    run = subprocess.run(
        [sys.executable, "-c", f"import json, sys, {handler}; print(json.dumps(list(sys.modules)))"],
        env=os.environ | {"DATABASE_URL": "postgresql://u@h/d", "QUEUE_URL": "https://q", "STAGE": "dev"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert run.returncode == 0, run.stderr
    modules = set(json.loads(run.stdout.splitlines()[-1]))
    assert handler in modules
    return modules

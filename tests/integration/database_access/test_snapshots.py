"""SnapStart: environments that start from one snapshot share no connection, no randomness, no credentials."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from convoke.errors import DatabaseUnavailableError
from convoke_api.snapshots import after_restore, before_snapshot, register_hooks
from integration.database_access.gatekeeper import Gatekeeper
from integration.database_access.test_sign_in import ask_who_i_am
from sqlalchemy import Engine, create_mock_engine

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the runtime's client runs on Linux")

PROGRAM = Path(__file__).with_name("environment.py")
EVENT = Path(__file__).parents[3] / "events" / "api.json"


def run_environment(database_url: str, mode: str) -> dict[str, dict[str, Any]]:
    """The program's output, by the step at which it writes it."""
    run = subprocess.run(
        [sys.executable, PROGRAM, EVENT, mode],
        env=os.environ | {"DATABASE_URL": database_url, "QUEUE_URL": "http://127.0.0.1:1/q", "STAGE": "test"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert run.returncode == 0, run.stderr
    lines = [json.loads(line) for line in run.stdout.splitlines() if line.startswith('{"at"')]
    return {line["at"]: line for line in lines}


def test_environments_of_one_snapshot_are_strangers_to_each_other(database_url: str) -> None:
    told = run_environment(database_url, "hooks")

    assert told["snapshot"]["connected"] == 0
    moments = [told[at] for at in ("before", "restored 0", "restored 1")]
    assert len({moment["backend"] for moment in moments}) == 3
    assert len({moment["random"] for moment in moments}) == 3


def test_without_the_hooks_they_would_draw_the_same_numbers(database_url: str) -> None:
    told = run_environment(database_url, "none")

    assert told["snapshot"]["connected"] == 1
    assert told["restored 0"]["random"] == told["restored 1"]["random"]


def test_a_restored_environment_signs_in_with_its_own_credentials(
    guarded_engine: Engine, gatekeeper: Gatekeeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask_who_i_am(guarded_engine)
    before_snapshot(guarded_engine)
    monkeypatch.setenv("AWS_SESSION_TOKEN", "of-the-restored-environment")
    after_restore(guarded_engine)

    # The gatekeeper accepts the old ones only.
    with pytest.raises(DatabaseUnavailableError, match="refused the sign-in"):
        ask_who_i_am(guarded_engine)

    first, second = gatekeeper.check.tokens
    assert "of-the-restored-environment" in second
    assert "of-the-restored-environment" not in first


def test_without_lambda_s_runtime_nothing_is_registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "snapshot_restore_py", None)

    assert not register_hooks(create_mock_engine("postgresql+pg8000://", lambda *_: None))  # type: ignore[arg-type]

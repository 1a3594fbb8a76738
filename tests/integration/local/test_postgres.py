"""The embedded PostgreSQL: it keeps committed data, and never outlives the process that started it."""

import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pg8000
import psutil
import pytest
from convoke_local.errors import LocalStackError
from convoke_local.postgres.cluster import remove_cluster
from convoke_local.postgres.server import run_postgres
from sqlalchemy import make_url
from support.databases import execute
from support.processes import find_processes, kill_at_once, run_python, wait_until

STARTER = """
import sys, time
from pathlib import Path
from convoke_local.postgres.server import run_postgres
with run_postgres(Path(sys.argv[1]), durable=False) as url:
    print(url, flush=True)
    time.sleep(600)
"""

BUSY = """
import sys
import pg8000
from sqlalchemy import make_url
address = make_url(sys.argv[1])
session = pg8000.connect(address.username, host=address.host, port=address.port, password=address.password)
cursor = session.cursor()
cursor.execute("SELECT pg_backend_pid()")
print(cursor.fetchone()[0], flush=True)
cursor.execute("DO $$ BEGIN LOOP END LOOP; END $$")
"""

ORPHAN = """
import os, signal, sys, time
os.chdir(sys.argv[1])
signal.signal(signal.SIGQUIT, signal.SIG_IGN)
print(flush=True)
time.sleep(600)
"""


def test_data_survives_a_restart(tmp_path: Path) -> None:
    with run_postgres(tmp_path, durable=False) as url:
        execute(url, "CREATE TABLE kept AS SELECT 42 AS value")

    with run_postgres(tmp_path, durable=False) as url:
        assert execute(url, "SELECT value FROM kept") == [[42]]
    assert find_processes(tmp_path) == []


def test_text_is_utf8_and_sorted_by_bytes(tmp_path: Path) -> None:
    with run_postgres(tmp_path, durable=False) as url:
        assert execute(
            url,
            """
            SELECT pg_encoding_to_char(encoding), datcollate FROM pg_database
            WHERE datname = current_database()
            """,
        ) == [["UTF8", "C"]]


def test_it_is_durable_unless_a_test_says_otherwise(tmp_path: Path) -> None:
    with run_postgres(tmp_path) as url:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            assert execute(url, f"SHOW {setting}") == [["on"]]


def test_it_listens_on_the_loopback_address_alone(tmp_path: Path) -> None:
    with run_postgres(tmp_path, durable=False) as url:
        assert make_url(url).host == "127.0.0.1"
        assert execute(url, "SHOW listen_addresses") == [["127.0.0.1"]]
        assert execute(url, "SHOW unix_socket_directories") == [[""]]


def test_no_connection_is_possible_without_the_password(tmp_path: Path) -> None:
    with run_postgres(tmp_path, durable=False) as url:
        intruder = make_url(url).set(password="guess").render_as_string(hide_password=False)
        with pytest.raises(pg8000.DatabaseError, match="28P01"):
            execute(intruder, "SELECT 1")
    mode = (tmp_path / "password").stat().st_mode
    assert stat.S_IMODE(mode) == 0o600


def test_it_ends_with_a_parent_that_was_killed(tmp_path: Path) -> None:
    with run_python(STARTER, tmp_path) as (process, url):
        execute(url, "SELECT 1")
        process.kill()
        wait_until(lambda: find_processes(tmp_path) == [])


def test_what_was_committed_survives_when_everything_is_killed_at_once(tmp_path: Path) -> None:
    with run_python(STARTER, tmp_path) as (process, url):
        execute(url, "CREATE TABLE kept AS SELECT generate_series(1, 1000) AS value")
        kill_at_once(process.pid, *(other.pid for other in find_processes(tmp_path)))
    assert (tmp_path / "data" / "postmaster.pid").exists()

    with run_postgres(tmp_path, durable=False) as url:
        assert execute(url, "SELECT count(*) FROM kept") == [[1000]]


def test_a_lock_file_that_names_another_process_does_not_prevent_the_start(tmp_path: Path) -> None:
    with run_postgres(tmp_path, durable=False):
        pass
    data = tmp_path / "data"
    # After a restart of a container any process of that user may have the number in the lock file.
    owner = data.stat().st_uid if os.geteuid() == 0 else None
    stranger = subprocess.Popen(["sleep", "600"], user=owner, cwd="/")
    try:
        (data / "postmaster.pid").write_text(f"{stranger.pid}\n{data}\n1\n1\n\n127.0.0.1\n")

        with run_postgres(tmp_path, durable=False) as url:
            assert execute(url, "SELECT 1") == [[1]]
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


@pytest.mark.skipif(sys.platform != "linux", reason="only there does the kernel end it with its supervisor")
def test_it_ends_with_its_supervisor(tmp_path: Path) -> None:
    with run_python(STARTER, tmp_path) as (process, _url):
        supervisors = [child.pid for child in find_processes("supervisor.py") if child.ppid() == process.pid]
        assert len(supervisors) == 1
        os.kill(supervisors[0], signal.SIGKILL)
        wait_until(lambda: find_processes(tmp_path / "data") == [])


def test_processes_that_were_left_behind_are_ended_first(tmp_path: Path) -> None:
    with run_postgres(tmp_path, durable=False):
        pass
    # As an orphaned backend, this process works in the data folder; and it ignores SIGQUIT.
    with run_python(ORPHAN, tmp_path / "data") as (orphan, _), run_postgres(tmp_path, durable=False) as url:
        assert execute(url, "SELECT 1") == [[1]]
        assert not psutil.pid_exists(orphan.pid)


@pytest.mark.skipif(sys.platform != "linux", reason="only there is it a child of the supervisor then")
def test_a_busy_backend_does_not_outlive_its_killed_server(tmp_path: Path) -> None:
    with run_python(STARTER, tmp_path) as (process, url), busy_backend(url):
        os.kill(read_server_id(tmp_path), signal.SIGKILL)

        wait_until(lambda: find_processes(tmp_path / "data") == [])
        assert process.poll() is None


def test_a_busy_backend_that_outlived_all_is_ended_before_the_next_start(tmp_path: Path) -> None:
    with run_python(STARTER, tmp_path) as (process, url), busy_backend(url) as backend:
        leave_behind(backend, process, tmp_path)

        with run_postgres(tmp_path, durable=False) as next_url:
            assert execute(next_url, "SELECT 1") == [[1]]
            assert not psutil.pid_exists(backend)


def test_a_busy_backend_that_outlived_all_is_ended_before_its_files_are_removed(tmp_path: Path) -> None:
    with run_python(STARTER, tmp_path) as (process, url), busy_backend(url) as backend:
        leave_behind(backend, process, tmp_path)

        remove_cluster(tmp_path)

        assert not psutil.pid_exists(backend)
        assert not tmp_path.exists()


@contextmanager
def busy_backend(url: str) -> Iterator[int]:
    """Run a session whose backend computes without waits, so that it does not see its server end."""
    with run_python(BUSY, url) as (_, number):
        backend = psutil.Process(int(number))
        try:
            wait_until(lambda: " DO" in " ".join(backend.cmdline()))
            yield backend.pid
        finally:
            with suppress(psutil.NoSuchProcess):
                backend.kill()


def read_server_id(folder: Path) -> int:
    """Return the process id of the server."""
    return int((folder / "data" / "postmaster.pid").read_text("ascii").split()[0])


def leave_behind(backend: int, parent: subprocess.Popen[str], folder: Path) -> None:
    """End all of the stack but one backend."""
    others = [process.pid for process in find_processes(folder) if process.pid != backend]
    kill_at_once(*others, parent.pid)
    wait_until(lambda: {process.pid for process in find_processes(folder / "data")} == {backend})


def test_two_cannot_use_one_folder(tmp_path: Path) -> None:
    with (
        run_postgres(tmp_path, durable=False),
        pytest.raises(LocalStackError, match=f"is in use by process {os.getpid()}"),
        run_postgres(tmp_path, durable=False),
    ):
        pass


def test_a_folder_that_cannot_be_written_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with (
        pytest.raises(LocalStackError, match=r"cannot write to .*file/data: .*CONVOKE_DATA_DIR"),
        run_postgres(tmp_path / "file" / "data"),
    ):
        pass


def test_files_of_another_version_are_left_alone(tmp_path: Path) -> None:
    with run_postgres(tmp_path, durable=False):
        pass
    (tmp_path / "data" / "PG_VERSION").write_text("13\n")

    with (
        pytest.raises(LocalStackError, match=r"created by PostgreSQL 13, and this is \d+: .*--fresh"),
        run_postgres(tmp_path, durable=False),
    ):
        pass


def test_a_first_start_that_was_cut_off_leaves_nothing_half_made(tmp_path: Path) -> None:
    draft = tmp_path / "data.draft"
    draft.mkdir()
    (draft / "PG_VERSION").write_text("18\n")

    with run_postgres(tmp_path, durable=False) as url:
        assert execute(url, "SELECT 1") == [[1]]
    assert not draft.exists()

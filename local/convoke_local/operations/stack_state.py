"""Keep the addresses of a running stack in a file of its data folder, for as long as it runs."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from convoke_local.errors import LocalStackError
from convoke_local.processes.folders import ensure_own_folder, is_held

_FILE = "stack.json"


@dataclass(frozen=True, slots=True)
class StackState:
    """The URLs of a running stack's API, database and queues. The file's fields have the same names."""

    url: str
    database_url: str
    sqs_endpoint: str
    queue_url: str
    dead_letter_queue_url: str


@contextmanager
def publish_state(data_folder: Path, state: StackState) -> Iterator[None]:
    """Write the state file, which other commands read, for the length of the block."""
    path = data_folder / _FILE
    draft = path.with_suffix(".draft")
    # The file holds the database's password.
    draft.unlink(missing_ok=True)
    with open(os.open(draft, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        json.dump(asdict(state), file, indent=2)
    draft.replace(path)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def read_state(data_folder: Path) -> StackState:
    """Return the state of the stack that runs on this folder; raise LocalStackError when none does."""
    try:
        ensure_own_folder(data_folder)
        # After `kill -9` the file is still there, but no process holds the folder.
        if is_held(data_folder):
            return StackState(**json.loads((data_folder / _FILE).read_text("utf-8")))
    except FileNotFoundError:
        pass
    except (OSError, ValueError, TypeError) as error:
        raise LocalStackError(f"cannot read {data_folder / _FILE}: {error}") from error
    raise LocalStackError(f"no stack is running on {data_folder}: start it with `convoke up`")

"""What a running stack tells other commands: a file in its data folder, there for as long as it runs."""

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
    """Where a running stack's API, database and queues are. The file's fields have the same names."""

    url: str
    database_url: str
    sqs_endpoint: str
    queue_url: str
    dead_letter_queue_url: str


@contextmanager
def published(data_folder: Path, state: StackState) -> Iterator[None]:
    """Let others find the stack for the length of the block."""
    path = data_folder / _FILE
    draft = path.with_suffix(".draft")
    # It holds the database's password.
    draft.unlink(missing_ok=True)
    with open(os.open(draft, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        json.dump(asdict(state), file, indent=2)
    draft.replace(path)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def read_state(data_folder: Path) -> StackState:
    """The state of the stack that runs on this folder; raises LocalStackError when none does."""
    try:
        ensure_own_folder(data_folder)
        # After `kill -9` the file is still there, but nobody holds the folder.
        if is_held(data_folder):
            return StackState(**json.loads((data_folder / _FILE).read_text("utf-8")))
    except FileNotFoundError:
        pass
    except (OSError, ValueError, TypeError) as error:
        raise LocalStackError(f"{data_folder / _FILE} cannot be read: {error}") from error
    raise LocalStackError(f"no stack is running on {data_folder}: start it with `convoke up`")

"""What the processes of the peers print: each into a file, shown when something went wrong."""

import os
import sys
from pathlib import Path

_SHOWN_CHARACTERS = 2_000


def write_to(log: Path) -> None:
    """Send what this process and its children print to the end of that file."""
    with log.open("ab") as file:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
            os.dup2(file.fileno(), stream.fileno())


def read_end(log: Path) -> str:
    """The last of what was printed."""
    return log.read_text(encoding="utf-8", errors="replace")[-_SHOWN_CHARACTERS:] if log.exists() else ""

"""Writes the output of the peers' processes into files, which are shown after a failure."""

import os
import sys
from pathlib import Path

_SHOWN_CHARACTERS = 2_000


def write_to(log: Path) -> None:
    """Append the output of this process and its children to that file."""
    with log.open("ab") as file:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
            os.dup2(file.fileno(), stream.fileno())


def read_end(log: Path) -> str:
    """Return the end of the output."""
    return log.read_text(encoding="utf-8", errors="replace")[-_SHOWN_CHARACTERS:] if log.exists() else ""

"""A peer's worker: `python -m benchmarks.peers.worker LOG MODULE ADDRESS…`.

What it prints goes to the file LOG. The addresses are those of its server.
"""

import sys
from importlib import import_module
from pathlib import Path

from benchmarks.peers.logs import write_to


def main() -> None:
    """Work until SIGTERM."""
    log, module, *addresses = sys.argv[1:]
    write_to(Path(log))
    import_module(f"benchmarks.peers.{module}").run_worker(*addresses)


if __name__ == "__main__":
    main()

"""Runs a peer's worker: `python -m benchmarks.peers.worker LOG MODULE NAGLE ADDRESS…`.

Its output goes to the file LOG; NAGLE is on or off (see nagle). The addresses are those of its server.
"""

import sys
from importlib import import_module
from pathlib import Path

from benchmarks.peers.logs import write_to
from benchmarks.peers.nagle import turn_nagle_off


def main() -> None:
    """Work until SIGTERM."""
    log, module, nagle, *addresses = sys.argv[1:]
    write_to(Path(log))
    if nagle == "off":
        turn_nagle_off()
    import_module(f"benchmarks.peers.{module}").run_worker(*addresses)


if __name__ == "__main__":
    main()

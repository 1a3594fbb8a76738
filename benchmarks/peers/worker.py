"""A peer's worker: `python -m benchmarks.peers.worker MODULE ADDRESS…`, with the addresses of its server."""

import sys
from importlib import import_module


def main() -> None:
    """Work until SIGTERM."""
    module, *addresses = sys.argv[1:]
    import_module(f"benchmarks.peers.{module}").run_worker(*addresses)


if __name__ == "__main__":
    main()

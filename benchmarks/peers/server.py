"""A peer under uvicorn with one worker: `python -m benchmarks.peers.server MODULE PORT ADDRESS…`.

The addresses are what the module's `make_app` takes: the database's, and the broker's where there is one.
"""

import sys
from importlib import import_module

import uvicorn
from convoke_local.web_server import take_port


def main() -> None:
    """Serve until SIGTERM."""
    module, port, *addresses = sys.argv[1:]
    app = import_module(f"benchmarks.peers.{module}").make_app(*addresses)
    config = uvicorn.Config(app, ws="none", access_log=False, log_level="warning")
    uvicorn.Server(config).run(sockets=[take_port(int(port))])


if __name__ == "__main__":
    main()

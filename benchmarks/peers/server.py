"""Serves a peer under uvicorn: `python -m benchmarks.peers.server LOG MODULE NAGLE PORT ADDRESS…`.

Its output goes to the file LOG; NAGLE is on or off (see nagle). The addresses are the arguments of the
module's `make_app`: the database's, and the broker's if there is one.
"""

import sys
from importlib import import_module
from pathlib import Path

import uvicorn
from convoke_local.api_gateway.web_server import take_port

from benchmarks.peers.logs import write_to
from benchmarks.peers.nagle import turn_nagle_off


def main() -> None:
    """Serve until SIGTERM."""
    log, module, nagle, port, *addresses = sys.argv[1:]
    write_to(Path(log))
    if nagle == "off":
        turn_nagle_off()
    app = import_module(f"benchmarks.peers.{module}").make_app(*addresses)
    config = uvicorn.Config(app, ws="none", access_log=False, log_level="warning")
    uvicorn.Server(config).run(sockets=[take_port(int(port))])


if __name__ == "__main__":
    main()

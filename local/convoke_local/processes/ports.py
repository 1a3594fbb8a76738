"""Find loopback ports: all servers of the local stack listen on the loopback address alone."""

import socket

HOST = "127.0.0.1"


def find_free_port() -> int:
    """Return a loopback port that was free a moment ago: the caller must handle that it is taken."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port

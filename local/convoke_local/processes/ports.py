"""Loopback addresses: everything that the local stack starts listens on this machine alone."""

import socket

HOST = "127.0.0.1"


def find_free_port() -> int:
    """A loopback port that was free a moment ago: whoever uses it must be ready to find it taken."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port

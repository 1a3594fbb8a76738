"""Turns Nagle's algorithm off: with it, a statement of some tens of kilobytes stalls.

pg8000 leaves it on by default. A statement with 400 to 1,000 ids then waits 40 ms for the server's delayed
acknowledgement, and an event takes two such statements. Running the peers without it shows which part of
their time is the driver's.
"""

import socket
from typing import Any

from sqlalchemy import Engine, event


def turn_nagle_off() -> None:
    """Send small packets at once, on all connections that engines of this process make from here on."""
    event.listen(Engine, "connect", _send_at_once)


def _send_at_once(driver_connection: Any, _record: object) -> None:
    driver_connection._usock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

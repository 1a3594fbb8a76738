"""A PostgreSQL as RDS shows it: TLS alone, and a token of IAM where a password is asked for.

The embedded PostgreSQL has neither, so this stands before it: it ends the encryption, and when the token in
the password message is good, it puts the role's real password in its place.
"""

import socket
import ssl
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import cast

from integration.database_access.authority import ServerCertificate
from integration.database_access.iam import TokenCheck

#: PostgreSQL, "Message Formats": SSLRequest.
_SSL_REQUEST = struct.pack("!ii", 8, 80877103)
_HOST = "127.0.0.1"


@dataclass(slots=True)
class Gatekeeper:
    """The gatekeeper's state; `certificate` is the one that it shows next."""

    port: int
    upstream: tuple[str, int]
    passwords: dict[str, str]
    check: TokenCheck
    certificate: ServerCertificate
    #: The name by which clients have to call it.
    name: str = "localhost"
    #: First bytes of clients that did not request TLS.
    unencrypted: int = 0


@contextmanager
def run_gatekeeper(
    upstream: tuple[str, int], passwords: dict[str, str], check: TokenCheck, certificate: ServerCertificate
) -> Iterator[Gatekeeper]:
    """Listens at a free port for the length of the block. `passwords`: the roles' real ones."""
    with socket.create_server((_HOST, 0)) as listener:
        gatekeeper = Gatekeeper(listener.getsockname()[1], upstream, passwords, check, certificate)
        threading.Thread(target=_accept, args=(listener, gatekeeper), daemon=True).start()
        yield gatekeeper
        # Wakes the thread that accepts; closing alone would not.
        listener.shutdown(socket.SHUT_RDWR)


def _accept(listener: socket.socket, gatekeeper: Gatekeeper) -> None:
    with suppress(OSError):
        while True:
            client, _ = listener.accept()
            threading.Thread(target=_serve, args=(client, gatekeeper), daemon=True).start()


def _serve(plain: socket.socket, gatekeeper: Gatekeeper) -> None:
    # A client that goes away, at whatever point, is no matter.
    with plain, suppress(OSError):
        if plain.recv(8) != _SSL_REQUEST:
            gatekeeper.unencrypted += 1
            return
        plain.sendall(b"S")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(gatekeeper.certificate.chain, gatekeeper.certificate.key)
        with (
            context.wrap_socket(plain, server_side=True) as client,
            socket.create_connection(gatekeeper.upstream) as server,
        ):
            startup = _read_message(client, type_bytes=0)
            words = startup[8:].split(b"\0")
            user = words[words.index(b"user") + 1].decode()
            server.sendall(startup)
            # AuthenticationCleartextPassword, and the client's response.
            client.sendall(_read_message(server, type_bytes=1))
            token = _read_message(client, type_bytes=1)[5:-1].decode()
            address = f"{gatekeeper.name}:{gatekeeper.port}"
            good = gatekeeper.check.accepts(token, user=user, address=address)
            password = (gatekeeper.passwords[user] if good else "wrong").encode() + b"\0"
            server.sendall(b"p" + struct.pack("!i", len(password) + 4) + password)
            threading.Thread(target=_copy, args=(server, client), daemon=True).start()
            _copy(client, server)


def _read_message(stream: socket.socket, *, type_bytes: int) -> bytes:
    head = _read(stream, type_bytes + 4)
    (length,) = cast("tuple[int]", struct.unpack("!i", head[type_bytes:]))
    return head + _read(stream, length - 4)


def _read(stream: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        if not (part := stream.recv(count - len(data))):
            raise ConnectionError
        data += part
    return data


def _copy(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    with suppress(OSError):
        target.shutdown(socket.SHUT_RDWR)

"""A server of one thread that does to a connection what a test says: real sockets, nothing pretended."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from tests.patience import PATIENCE

Conversation = Callable[[socket.socket], None]


@dataclass
class SmallServer:
    """Where it listens, and what it was sent."""

    url: str
    requests: list[bytes] = field(default_factory=list)


@contextlib.contextmanager
def small_server(conversation: Conversation) -> Iterator[SmallServer]:
    """Read a request from each connection, then let ``conversation`` have its way with it."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = SmallServer(f"http://127.0.0.1:{listener.getsockname()[1]}")
        thread = threading.Thread(target=_serve, args=(listener, server, conversation))
        thread.start()
        try:
            yield server
        finally:
            listener.shutdown(socket.SHUT_RDWR)  # wakes accept()
            thread.join(PATIENCE)
    assert not thread.is_alive()


def _serve(listener: socket.socket, server: SmallServer, conversation: Conversation) -> None:
    with contextlib.suppress(OSError):
        while True:
            connection, _ = listener.accept()
            with connection, contextlib.suppress(OSError):
                connection.settimeout(PATIENCE)
                server.requests.append(read_request(connection))
                conversation(connection)


def read_request(connection: socket.socket) -> bytes:
    """Return head and body of one request."""
    received = b""
    while b"\r\n\r\n" not in received:
        received += connection.recv(65_536)
    head, _, body = received.partition(b"\r\n\r\n")
    expected = next(
        (
            int(line.split(b":")[1])
            for line in head.split(b"\r\n")
            if line.lower().startswith(b"content-length")
        ),
        0,
    )
    while len(body) < expected:
        body += connection.recv(65_536)
    return head + b"\r\n\r\n" + body


def answering(
    body: bytes = b"{}", *headers: str, status: str = "200 OK", length: int | None = None
) -> Conversation:
    """Send one answer and close; ``length`` promises another length than the body has."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body) if length is None else length}", *headers]
    head = "\r\n".join([*lines, "Connection: close", "", ""]).encode("latin-1")
    return lambda connection: connection.sendall(head + body)


def resetting(connection: socket.socket) -> None:
    """Close with a TCP RST."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def closing(_connection: socket.socket) -> None:
    """Say nothing and close."""

"""Exit status 0 where this container's Celery worker has sent a heartbeat within half a minute.

A worker publishes one every two seconds, by a connection of which Redis knows how long ago it said what. Celery's own
`inspect ping` imports for a second of CPU each time; this is the standard library only.
"""

from __future__ import annotations

import os
import re
import socket
import sys
from urllib.parse import unquote, urlsplit

_PATIENCE = 10.0
_HEARTBEAT_SECONDS = 30


def main() -> None:
    broker = urlsplit(os.environ["AIRFLOW__CELERY__BROKER_URL"])
    with socket.create_connection((broker.hostname, broker.port or 6379), _PATIENCE) as redis:
        redis.sendall(f"AUTH {unquote(broker.password or '')}\r\nCLIENT LIST\r\n".encode())
        with redis.makefile("rb") as answers:
            answers.readline()  # to AUTH; where it is refused, no length follows
            size = answers.readline().removeprefix(b"$")
            clients = answers.read(int(size)).decode()
        own_address = redis.getsockname()[0]
    sys.exit(0 if heartbeat_seconds(clients, own_address) <= _HEARTBEAT_SECONDS else 1)


def heartbeat_seconds(clients: str, address: str) -> float:
    """Return how long ago a connection from this address published last.

    :param clients: what Redis answers to CLIENT LIST
    """
    idle = [
        int(found[1])
        for client in clients.splitlines()
        if f" addr={address}:" in client
        and " cmd=publish " in client
        and (found := re.search(r" idle=(\d+) ", client))
    ]
    return min(idle, default=float("inf"))


if __name__ == "__main__":
    main()

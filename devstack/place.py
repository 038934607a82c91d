"""The folder of one set of servers: its data, logs, ports and secrets. Each worker of the tests has its own."""

from __future__ import annotations

import json
import os
import secrets
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from devstack.steps import LOCAL, locked, shared

_FILES = threading.Lock()  # servers are started side by side, and each may choose a port or a secret
_promised: dict[int, tuple[Path, str]] = {}  # ports that this process gave to a server of a place


@dataclass(frozen=True)
class Place:
    """:param without: the names of servers that are not started here"""

    home: Path
    without: frozenset[str] = frozenset()

    def folder(self, name: str) -> Path:
        path = self.home / name
        path.mkdir(parents=True, exist_ok=True)
        return path

    @contextmanager
    def lock(self) -> Iterator[None]:
        with locked(self.home / "services.lock"):
            yield

    @contextmanager
    def in_use(self) -> Iterator[Callable[[], bool]]:
        """Mark the place as used, so that a benchmark does not stop a demo's databases, or the other way round."""
        with shared(self.home / "users.lock") as is_last:
            yield is_last

    def port(self, name: str) -> int:
        """Return the port of the server's last start; 0 if it was never started."""
        return int(self._remembered("ports.json").get(name, 0))

    def choose_port(self, name: str) -> int:
        """Choose the same port as last time if it is free, so that addresses stay valid over restarts."""
        with _FILES:
            known = self._remembered("ports.json")
            wanted = [int(known[name])] if name in known else []
            port = next(port for port in chain(wanted, _random_ports()) if self._may_have(port, name))
            _promised[port] = (self.home, name)
            self._remember("ports.json", {**known, name: str(port)})
        return port

    def _may_have(self, port: int, name: str) -> bool:
        """Tell whether the port is free, and not given to another server that is not up yet."""
        others = {known for server, known in self._remembered("ports.json").items() if server != name}
        promised_to = _promised.get(port, (self.home, name))
        return promised_to == (self.home, name) and str(port) not in others and _is_free(port)

    def secret(self, name: str, size: int = 32) -> str:
        """Return random bytes as text, made when they are first asked for."""
        with _FILES:
            known = self._remembered("secrets.json")
            if name not in known:
                known[name] = secrets.token_urlsafe(size)  # needs no quoting in a URL, SQL or a shell
                self._remember("secrets.json", known)
        return known[name]

    def _remembered(self, file: str) -> dict[str, str]:
        path = self.home / file
        return dict(json.loads(path.read_text())) if path.exists() else {}

    def _remember(self, file: str, values: dict[str, str]) -> None:
        half = self.folder(".") / f"{file}.half"
        half.unlink(missing_ok=True)
        with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
            json.dump(values, out, indent=2)
        half.replace(self.home / file)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(
            socket.SOL_SOCKET, socket.SO_REUSEADDR, 1
        )  # as servers do, so that TIME_WAIT does not block the port
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def _random_ports() -> Iterator[int]:
    """Yield ports below those that the kernel gives to outgoing connections, which could block a restart."""
    while True:
        yield secrets.choice(range(20_000, 32_768))


DEVELOPMENT = Place(LOCAL)

"""The databases and the sandbox together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from devstack.mariadb import MariaDB
from devstack.place import Place
from devstack.postgres import Postgres
from devstack.sandbox import Sandbox
from devstack.steps import StackError, step

Server = Postgres | MariaDB | Sandbox


@dataclass(frozen=True)
class Services:
    postgres: Postgres
    mariadb: MariaDB
    sandbox: Sandbox
    without: frozenset[str] = frozenset()

    @classmethod
    def at(cls, place: Place) -> Services:
        return cls(Postgres(place), MariaDB(place), Sandbox(place), place.without)

    def all(self) -> tuple[Server, ...]:
        """Return all servers, including those that are left out."""
        return self.postgres, self.mariadb, self.sandbox

    def __iter__(self) -> Iterator[Server]:
        return (server for server in self.all() if server.name not in self.without)


def start(place: Place) -> list[Server]:
    """Start the servers that do not run, and return them: the caller has to stop them."""
    servers = list(Services.at(place))
    names = ", ".join(server.name for server in servers)
    with place.lock(), step(names), ThreadPoolExecutor() as pool:
        starts = [(server, pool.submit(server.start)) for server in servers]
        failed = [error for _, start in starts if (error := start.exception())]
        started = [server for server, start in starts if not start.exception() and start.result()]
        if failed:
            list(pool.map(lambda server: server.stop(), started))
            raise failed[0]
        return started


def stop(place: Place, servers: Iterable[Server]) -> None:
    with place.lock(), ThreadPoolExecutor() as pool:
        list(pool.map(lambda server: server.stop(), servers))


def running(place: Place) -> Services:
    services = Services.at(place)
    stopped = [server.name for server in services if not server.existing and not server.daemon.pid()]
    if stopped:
        raise StackError(f"not running: {', '.join(stopped)}. To mend it: script/services start")
    return services

"""Which script keeps the development servers: `script/server` and `script/demo` must not stop each other's."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from os.path import relpath

from devstack import airflow_servers, celery_workers, services
from devstack.airflow_settings import ADMIN, admin_password
from devstack.place import Place
from devstack.redis import Redis


@contextmanager
def keeper(place: Place, name: str) -> Iterator[str | None]:
    """Yield the name of the script that already keeps the servers; None: the caller keeps them now."""
    path = place.folder("run") / "keeper"
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            yield file.read()
            return
        file.truncate(0)
        file.write(name)
        file.flush()
        yield None


def start_all(place: Place) -> None:
    services.start(place)
    airflow_servers.start(place)


def stop_all(place: Place, with_services: bool = True) -> None:
    airflow_servers.stop(place)
    if with_services:
        services.stop(place, services.Services.at(place))


def status(place: Place) -> list[tuple[str, str, str]]:
    """Return name, state and address, one row for each server."""
    workers = celery_workers.known(place)
    daemons = [*airflow_servers.daemons(place), *workers, *([Redis(place).daemon] if workers else [])]
    airflow = [(daemon.name, daemon.state(), relpath(daemon.log)) for daemon in daemons]
    return [*(_status(server) for server in services.Services.at(place)), *airflow]


def _status(server: services.Server) -> tuple[str, str, str]:
    if server.existing:
        return server.name, "existing" if server.healthy() else "unreachable", server.variable
    return server.name, server.daemon.state(), relpath(server.daemon.log)


def login(place: Place) -> str:
    return f"{airflow_servers.api(place).address}   user {ADMIN}   password {admin_password(place)}"

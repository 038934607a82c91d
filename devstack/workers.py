"""The workers of `script/test`: each has a set of servers of its own, since nearly every test empties a database."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from devstack import mysql, pgbouncer, redis, services
from devstack.airflow_settings import migrate, settings
from devstack.left_out import VARIABLE, left_out
from devstack.mysql import MySQL
from devstack.place import Place
from devstack.services import Services
from devstack.steps import LOCAL, StackError, step

HOME = LOCAL / "test"
# servers that only some tests need: tests start PgBouncer and Redis themselves, `--all` starts MySQL
ON_DEMAND = {pgbouncer.NAME: pgbouncer.version, redis.NAME: redis.version, mysql.NAME: mysql.version}
_FIRST = "gw0"


def place_of(worker: str | None) -> Place:
    """Return a worker's place by the name that pytest-xdist gives it; None: there is only one."""
    return Place(HOME / (worker or _FIRST), left_out())


def places(wanted: int) -> list[Place]:
    """Return the places: only one where a server is given and not started, since it has one set of databases."""
    given = [server.variable for server in Services.at(place_of(None)) if server.existing]
    return [place_of(f"gw{number}") for number in range(1 if given else wanted)]


@contextmanager
def servers_for(places: Sequence[Place], everything: bool = False) -> Iterator[None]:
    """Start all at once, with Airflow's tables in them; stop them at the end, whatever happened.

    :param everything: also start MySQL itself
    """
    _check_names(places[0])
    with ThreadPoolExecutor(len(places)) as pool:
        try:
            _start_all(pool, places, everything)
            yield
        finally:
            list(pool.map(_stop, places))


def names(place: Place) -> list[str]:
    """Return the names of all servers that the tests know."""
    return [*(server.name for server in Services.at(place).all()), *ON_DEMAND]


def versions(place: Place) -> dict[str, str]:
    """Return the versions of the servers that are not left out, by their names."""
    running = {server.name: server.version() for server in Services.at(place)}
    started = {name: version() for name, version in ON_DEMAND.items() if name not in place.without}
    return running | started


def _check_names(place: Place) -> None:
    known = names(place)
    if unknown := place.without - set(known):
        raise StackError(f"{VARIABLE} names {', '.join(sorted(unknown))}; there are {', '.join(known)}")


def _start_all(pool: ThreadPoolExecutor, places: Sequence[Place], everything: bool) -> None:
    try:
        list(pool.map(lambda place: _start(place, everything), places))
    except StackError as error:
        raise StackError(f"{error}\nTo test without a server: {VARIABLE}=name") from None


def _start(place: Place, everything: bool) -> None:
    if everything and mysql.NAME not in place.without:
        mysql.install()
        with step(mysql.NAME):
            MySQL(place).start()
    services.start(place)
    if "postgres" not in place.without:
        migrate(place, settings(place))


def _stop(place: Place) -> None:
    services.stop(place, [*Services.at(place), MySQL(place)])


def point_at(place: Place) -> None:
    """Let this process, and all that it starts, find the servers of a place."""
    os.environ.update(settings(place))

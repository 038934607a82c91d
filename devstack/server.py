"""`script/server`: runs Airflow and all it needs in the foreground."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

from devstack import airflow_servers
from devstack.daemon import Daemon
from devstack.place import DEVELOPMENT
from devstack.services import Services
from devstack.session import keeper, login, start_all, stop_all
from devstack.steps import StackError, step

_ALONE, _AGAIN = "script/services start starts it again", "Ctrl-C, then script/server starts all again"


def serve() -> int:
    with keeper(DEVELOPMENT, "script/server") as other, DEVELOPMENT.in_use() as is_last:
        if other:
            raise StackError(f"{other} is running in this checkout: {login(DEVELOPMENT)}")
        try:
            start_all(DEVELOPMENT)
            print(
                f"\nAirflow   {login(DEVELOPMENT)}\nlogs      {DEVELOPMENT.folder('logs')}\nCtrl-C stops everything."
            )
            _watch()
        finally:
            with step("everything stopped"):
                stop_all(DEVELOPMENT, with_services=is_last())
    return 0


def _watch() -> None:
    own = [server.daemon for server in Services.at(DEVELOPMENT) if not server.existing]
    watched = [*own, *airflow_servers.daemons(DEVELOPMENT)]
    mended_alone = {daemon.name for daemon in own}
    dead: set[str] = set()
    while True:
        for daemon in news(watched, dead):
            print(told(daemon, daemon.name in dead, _ALONE if daemon.name in mended_alone else _AGAIN))
        if len(dead) == len(watched):
            raise StackError("no server is left")
        time.sleep(1)


def news(daemons: Sequence[Daemon], dead: set[str]) -> Iterator[Daemon]:
    """Return the servers that died or came back since the last look.

    The others go on, since the sandbox's state is in its process.

    `dead` holds the names of the servers that were dead at the last look, and is updated to those that are dead now.
    """
    for daemon in daemons:
        if bool(daemon.pid()) == (daemon.name in dead):
            dead ^= {daemon.name}
            yield daemon


def told(daemon: Daemon, has_died: bool, mend: str) -> str:
    if not has_died:
        return f"{daemon.name} is there again."
    return f"\n{daemon.name} has died; the others go on. {mend}. The end of {daemon.log}:\n{daemon.tail()}"

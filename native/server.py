"""`script/server`: Airflow and all it needs in the foreground."""

from __future__ import annotations

import time

from native import airflow_servers
from native.place import DEVELOPMENT
from native.services import Services
from native.session import keeper, login, start_all, stop_all
from native.steps import NativeError, step


def serve() -> int:
    with keeper(DEVELOPMENT, "script/server") as other, DEVELOPMENT.in_use() as is_last:
        if other:
            raise NativeError(f"{other} is running in this checkout: {login(DEVELOPMENT)}")
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
    while True:
        for daemon in watched:
            if not daemon.pid():
                raise NativeError(f"{daemon.name} has died. The end of {daemon.log}:\n{daemon.tail()}")
        time.sleep(1)

"""Redis from the distribution's packages: the broker between Airflow's scheduler and its Celery workers."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess

from devstack import debian
from devstack.daemon import Daemon
from devstack.place import Place
from devstack.steps import LOCAL, locked, step

REDIS = LOCAL / "redis"
NAME = "redis"
_PROGRAM = "usr/bin/redis-server"
_PACKAGES = (
    ("redis-server",),
    ("redis-tools",),
)  # the second one has the program, the first one a link to it


class Redis:
    name = NAME

    def __init__(self, place: Place) -> None:
        self._place = place
        self.daemon = Daemon(place, self.name)

    def url(self) -> str:
        return f"redis://:{self._place.secret(self.name)}@127.0.0.1:{self._place.port(self.name)}/0"

    def start(self) -> None:
        if self.daemon.pid() and self.healthy():
            return
        self.daemon.stop()
        _install()
        argv = [str(REDIS / _PROGRAM), self._configuration()]
        daemon = Daemon(self._place, self.name, argv, _libraries())
        daemon.launch()
        daemon.wait_healthy(self.healthy)

    def healthy(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self._place.port(self.name)), 5) as connection:
                connection.sendall(f"AUTH {self._place.secret(self.name)}\r\nPING\r\n".encode())
                with connection.makefile("rb") as answers:
                    return [answers.readline(), answers.readline()] == [b"+OK\r\n", b"+PONG\r\n"]
        except OSError:
            return False

    def _configuration(self) -> str:
        """Write a file, because it holds the password, and every user can see a command line."""
        folder = self._place.folder("redis")
        path = folder / "redis.conf"
        path.touch(0o600)
        path.write_text(
            f"port {self._place.choose_port(self.name)}\nbind 127.0.0.1\n"
            f'requirepass {self._place.secret(self.name)}\ndir "{folder}"\nsave ""\nappendonly no\n'
        )
        return str(path)


def version() -> str:
    if not REDIS.exists():
        return "not fetched"
    env = {**os.environ, **_libraries()}
    told = subprocess.run(
        [REDIS / _PROGRAM, "--version"], env=env, capture_output=True, text=True, check=True
    ).stdout
    return told.partition(" v=")[2].partition(" ")[0]


def _libraries() -> dict[str, str]:
    return {"LD_LIBRARY_PATH": debian.library_path(REDIS)}


def _install() -> None:
    """Install it here and not by script/setup: only Celery needs it."""
    with locked(LOCAL / "redis.lock"):
        if REDIS.exists():
            return
        with step("Redis from the distribution's packages"):
            half = LOCAL / "redis.half"
            shutil.rmtree(half, ignore_errors=True)
            debian.unpack(_PACKAGES, half, [_PROGRAM])
            half.rename(REDIS)

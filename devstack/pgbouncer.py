"""PgBouncer from the distribution's package, which shops put between their backend and PostgreSQL. For tests only."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

from devstack import debian
from devstack.daemon import Daemon
from devstack.place import Place
from devstack.steps import LOCAL, locked, step
from devstack.unprivileged import as_nobody, give_to_nobody

PGBOUNCER = LOCAL / "pgbouncer"
PROGRAM = "usr/sbin/pgbouncer"
NAME = "pgbouncer"


@dataclass
class PgBouncer:
    """One pooler in front of one database.

    :param url: of the database, with user and password
    :param mode: session or transaction
    :param certificate: file of a certificate with its key; the wheel's PostgreSQL is built without TLS
    """

    place: Place
    url: str
    mode: str
    pool_size: int
    certificate: Path | None = None
    daemon: Daemon = field(init=False)

    def start(self) -> int:
        """Start it, and return its port on 127.0.0.1."""
        _install()
        folder = self.place.folder("pgbouncer")
        config, users = folder / "pgbouncer.ini", folder / "users.txt"
        self.port = self.place.choose_port(NAME)
        to = urlsplit(self.url)
        users.write_text(f'"{to.username}" "{unquote(to.password or "")}"\n')
        config.write_text(
            f"[databases]\n* = host={to.hostname} port={to.port}\n"
            f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {self.port}\nunix_socket_dir =\n"
            f"auth_type = plain\nauth_file = {users}\npool_mode = {self.mode}\n"
            f"default_pool_size = {self.pool_size}\nignore_startup_parameters = extra_float_digits,options\n"
        )
        if self.certificate:
            pem = shutil.copy(self.certificate, folder / "server.pem")
            config.write_text(
                f"{config.read_text()}client_tls_sslmode = allow\nclient_tls_cert_file = {pem}\n"
                f"client_tls_key_file = {pem}\n"
            )
        for path in folder, *folder.iterdir():
            give_to_nobody(path)
        argv = [*as_nobody(), str(PGBOUNCER / PROGRAM), str(config)]
        self.daemon = Daemon(self.place, NAME, argv, _libraries())
        self.daemon.launch()
        self.daemon.wait_healthy(self._healthy)
        return self.port

    def stop(self) -> None:
        self.daemon.stop()

    def _healthy(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port), 2).close()
        except OSError:
            return False
        return True


def version() -> str:
    if not PGBOUNCER.exists():
        return "not fetched"
    told = subprocess.run(
        [PGBOUNCER / PROGRAM, "--version"],
        env={**os.environ, **_libraries()}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return told.stdout.split("\n")[0].removeprefix("PgBouncer ")


def _libraries() -> dict[str, str]:
    return {"LD_LIBRARY_PATH": debian.library_path(PGBOUNCER)}


def _install() -> None:
    """Install it here and not by script/setup: only its own tests need it."""
    with locked(LOCAL / "pgbouncer.lock"):
        if PGBOUNCER.exists():
            return
        with step("PgBouncer from the distribution's packages"):
            half = LOCAL / "pgbouncer.half"
            shutil.rmtree(half, ignore_errors=True)
            debian.unpack([("pgbouncer",)], half, [PROGRAM])
            half.rename(PGBOUNCER)

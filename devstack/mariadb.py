"""MariaDB: databases bi and sys_info, with a reader for sys_info. It stands for MySQL: both accept our SQL."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pymysql

from devstack.daemon import Daemon
from devstack.debian import library_path
from devstack.install import MARIADB
from devstack.place import Place
from devstack.steps import ROOT, StackError

INIT = ROOT / "include/sql/init/mysql.sh"
USERS = {"bi": "bi", "sys_info": "sys_info", "sys_info_reader": "sys_info"}  # user: database


class MariaDB:
    name = "mariadb"
    variable = "RETAIL_MYSQL_URL"

    def __init__(self, place: Place, *flags: str) -> None:
        self._place = place
        self._flags = flags
        self._data = place.home / "mariadb-data"
        # a folder of its own: a starting server removes the temporary tables of all others in the same folder
        self._tmp = place.home / "run"
        self.daemon = Daemon(place, self.name)

    @property
    def existing(self) -> str | None:
        return os.environ.get(self.variable)

    def url(self, user: str) -> str:
        address = urlsplit(self.admin_url()).netloc.rpartition("@")[2]
        return f"mysql://{user}:{self._place.secret(user)}@{address}/{USERS[user]}"

    def admin_url(self) -> str:
        own = f"mysql://admin:{self._place.secret(self.name)}@127.0.0.1:"
        return self.existing or f"{own}{self._place.port(self.name)}/"

    def start(self) -> bool:
        started = not self.existing and self._start_own()
        self._create_databases()
        return started

    def stop(self) -> bool:
        return not self.existing and self.daemon.stop()

    def healthy(self) -> bool:
        """Tell whether the server greets a client that connects: then it is ready."""
        address = urlsplit(self.admin_url())
        try:
            with socket.create_connection((address.hostname or "", address.port or 3306), 10) as connection:
                return bool(connection.recv(16))
        except OSError:
            return False

    def version(self) -> str:
        admin = urlsplit(self.admin_url())
        with (
            pymysql.connect(
                host=admin.hostname,
                port=admin.port or 3306,
                user=unquote(admin.username or "root"),
                password=unquote(admin.password or ""),
            ) as connection,
            connection.cursor() as cursor,
        ):
            cursor.execute("SELECT VERSION()")
            return str((cursor.fetchone() or [""])[0])

    def _start_own(self) -> bool:
        if self.daemon.pid() and self.healthy():
            return False
        self.daemon.stop()
        self._install()
        if not self._data.exists():
            self._initialise()
        self._tmp.mkdir(exist_ok=True)
        daemon = Daemon(
            self._place, self.name,
            [
                *self._program(), f"--datadir={self._data}",
                f"--port={self._place.choose_port(self.name)}", "--bind-address=127.0.0.1", "--skip-name-resolve",
                # relative to the data directory, because a socket's path may have 107 characters at most
                "--socket=mysql.sock", f"--pid-file={self.name}.pid", f"--init-file={self._administrator()}",
                f"--tmpdir={self._tmp}",
                "--local-infile=1", "--max-allowed-packet=64M", "--character-set-server=utf8mb4",
                "--default-time-zone=+08:00", "--innodb-flush-log-at-trx-commit=2", "--performance-schema=off",
                *self._flags,
            ],
            env=self._environment(),
        )  # fmt: skip
        daemon.launch()
        daemon.wait_healthy(self.healthy)
        return True

    def _install(self) -> None:
        """Leave the installation to script/setup."""

    def _program(self) -> list[str]:
        return [str(MARIADB / "usr/sbin/mariadbd"), *flags(MARIADB)]

    def _environment(self) -> dict[str, str]:
        return {"LD_LIBRARY_PATH": library_path(MARIADB)}

    def _administrator(self) -> str:
        """Return the file of SQL that the server runs first: it makes an administrator with a password, over TCP."""
        path = self._place.folder("run") / f"{self.name}-init.sql"
        path.touch(0o600)
        path.write_text(
            "CREATE USER IF NOT EXISTS 'admin'@'127.0.0.1';\n"
            f"ALTER USER 'admin'@'127.0.0.1' IDENTIFIED BY '{self._place.secret(self.name)}';\n"
            "GRANT ALL ON *.* TO 'admin'@'127.0.0.1' WITH GRANT OPTION;\n"
        )
        return str(path)

    def _initialise(self) -> None:
        half = self._place.home / "mariadb-data.half"
        shutil.rmtree(half, ignore_errors=True)
        half.mkdir(mode=0o700, parents=True)
        with (
            tempfile.TemporaryDirectory() as folder
        ):  # the script cannot handle spaces, which a checkout's path may have
            tree, data = Path(folder) / "tree", Path(folder) / "data"
            tree.symlink_to(MARIADB)
            data.symlink_to(half)
            command = [str(tree / "usr/bin/mariadb-install-db"), *flags(tree), f"--datadir={data}"]
            # root by socket only, and the socket is in the data directory, which others cannot enter
            command += ["--skip-test-db", "--auth-root-authentication-method=socket", "--skip-name-resolve"]
            # same reason as below: it starts a server, too
            self._run(command, "mariadb-install-db", {"TMPDIR": folder})
        half.rename(self._data)

    def _create_databases(self) -> None:
        admin = urlsplit(self.admin_url())
        env = {f"{name.upper()}_DB_PASSWORD": self._place.secret(name) for name in USERS}
        env |= {
            "MYSQL_CLIENT": str(MARIADB / "usr/bin/mariadb"),
            "MARIADB_PLUGIN_DIR": next(map(str, MARIADB.glob("usr/lib/*/libmariadb3/plugin")), ""),
            "MYSQL_HOST": admin.hostname or "127.0.0.1",
            "MYSQL_TCP_PORT": str(admin.port or 3306),
            "MYSQL_ADMIN": unquote(admin.username or "root"),
            "MYSQL_PWD": unquote(admin.password or ""),
        }
        self._run(["sh", str(INIT)], str(INIT.relative_to(ROOT)), env)

    @staticmethod
    def _run(command: list[str], name: str, env: dict[str, str]) -> None:
        env = {**os.environ, "LD_LIBRARY_PATH": library_path(MARIADB), **env}
        result = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
        if result.returncode:
            raise StackError(f"{name} failed:\n{(result.stderr or result.stdout).strip()[-1500:]}")


def flags(tree: Path, more: Mapping[str, Path] | None = None) -> list[str]:
    """Return the flags that a server of a tree needs before all others."""
    folders = {
        "basedir": tree / "usr",
        "lc-messages-dir": tree / "usr/share/mysql",
        "plugin-dir": tree / "usr/lib/mysql/plugin",
        **(more or {}),
    }
    as_root = ["--user=root"] if os.geteuid() == 0 else []
    return ["--no-defaults", *(f"--{name}={value}" for name, value in folders.items()), *as_root]

"""MySQL itself, 9.x from Debian sid, for tests of what MariaDB, its stand-in elsewhere, cannot show."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from devstack import sid
from devstack.mariadb import MariaDB, flags
from devstack.place import Place
from devstack.steps import LOCAL, StackError, locked, step

MYSQL = LOCAL / "mysql"
NAME = "mysql"
PACKAGE = "mysql-server-core"


class MySQL(MariaDB):
    name = NAME
    existing = None  # always a server of our own

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        self._tmp = place.home / "mysql-tmp"

    def _install(self) -> None:
        install()
        self._data = self._place.home / f"mysql-data-{installed()}"

    def _program(self) -> list[str]:
        quick = ["--skip-log-bin", "--innodb-doublewrite=OFF"]
        # query plans in the form of MariaDB and all earlier MySQL versions
        return [*_mysqld(), "--mysqlx=OFF", "--secure-file-priv=NULL", "--explain-format=TRADITIONAL", *quick]

    def _environment(self) -> dict[str, str]:
        return {}  # the loader gets the path of the libraries

    def _initialise(self) -> None:
        for of_another_version in self._place.home.glob("mysql-data-*"):
            shutil.rmtree(of_another_version)
        half = self._place.home / "mysql-data.half"
        shutil.rmtree(half, ignore_errors=True)
        # root has no password until the server runs the SQL of `_administrator`, before it accepts connections
        self._run(
            [*_mysqld(), f"--datadir={half}", "--initialize-insecure"],
            "mysqld --initialize-insecure",
            {"LD_LIBRARY_PATH": ""},
        )
        half.rename(self._data)

    def _administrator(self) -> str:
        path = Path(super()._administrator())
        with path.open("a") as out:
            out.write(f"ALTER USER 'root'@'localhost' IDENTIFIED BY '{self._place.secret(self.name)}';\n")
        return str(path)


def install() -> None:
    """Fetch the version that sid has today; where sid does not answer, use the one that is here already."""
    with locked(LOCAL / "mysql.lock"):
        try:
            sid.refresh()
            wanted = sid.candidate(PACKAGE)
        except StackError:
            if not MYSQL.exists():
                raise
            return
        if MYSQL.exists() and installed() == wanted:
            return
        with step(f"MySQL {wanted} from Debian sid"):
            half = LOCAL / "mysql.half"
            for left_over in (half, MYSQL):
                shutil.rmtree(left_over, ignore_errors=True)
            sid.unpack(PACKAGE, half)
            (half / "version").write_text(wanted)
            half.rename(MYSQL)


def installed() -> str:
    return (MYSQL / "version").read_text()


def version() -> str:
    """Return the server's own version text, for the line at the end of the tests."""
    if not MYSQL.exists():
        return "not fetched"
    told = subprocess.run([*_mysqld(), "--version"], capture_output=True, text=True, check=True).stdout
    return told.partition(" Ver ")[2].partition(" for ")[0]


def _mysqld() -> list[str]:
    own = {"character-sets-dir": MYSQL / "usr/share/mysql/charsets"}
    return [*sid.loader(MYSQL), str(MYSQL / "usr/sbin/mysqld"), *flags(MYSQL, own)]

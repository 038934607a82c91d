"""`script/test` and `script/bench`: linters, and programs in an environment that points to the servers."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from native import services
from native.airflow_settings import migrate, settings
from native.place import DEVELOPMENT, TESTS, Place
from native.services import Services
from native.steps import ROOT, NativeError, locked, step

_BIN = Path(sys.executable).parent
_LINTERS = (
    ("ruff", "check", "."),
    ("ruff", "format", "--check", "."),
    ("mypy", "plugins", "sandbox", "native", "bench"),
    ("lint-imports",),
)


def run(argv: Sequence[str]) -> int:
    """`--lint` stops after the linters, `--no-lint` leaves them out; anything else is for pytest."""
    arguments = [argument for argument in argv if argument not in ("--lint", "--no-lint")]
    if "--no-lint" not in argv:
        lint()
    if "--lint" in argv:
        return 0
    with locked(TESTS.home / "tests.lock", "script/test"):  # their servers and tables are the same
        return _with_servers(TESTS, [sys.executable, "-m", "pytest", *arguments])


def bench(argv: Sequence[str]) -> int:
    if not argv or argv[0].startswith("-"):
        names = sorted(path.stem.replace("_", "-") for path in (ROOT / "bench").glob("[!_]*.py"))
        raise NativeError(f"script/bench NAME [--quick] [--json FILE], NAME is one of {', '.join(names)}")
    return _with_servers(DEVELOPMENT, [sys.executable, "-m", f"bench.{argv[0].replace('-', '_')}", *argv[1:]])


def lint() -> None:
    for tool, *arguments in _LINTERS:
        with step(" ".join([tool, *arguments])):
            command = [str(_BIN / tool), *arguments]
            result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
            if result.returncode:
                raise NativeError(f"{tool} is not content:\n{result.stdout}{result.stderr}")


def _with_servers(place: Place, command: Sequence[str]) -> int:
    """Of a developer's own servers it stops only those that it started, and that nobody else uses by now."""
    with place.in_use() as is_last:
        started = services.start(place)
        try:
            env = settings(place)
            migrate(place, env)
            return subprocess.run(command, env={**os.environ, **env}, cwd=ROOT, check=False).returncode
        finally:
            if is_last():
                services.stop(place, Services.at(place) if place == TESTS else started)

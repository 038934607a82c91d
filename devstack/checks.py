"""The linters, and `script/bench`: a program in an environment that points to the servers."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from devstack import services
from devstack.airflow_settings import migrate, settings
from devstack.place import DEVELOPMENT
from devstack.steps import ROOT, StackError, step

_BIN = Path(sys.executable).parent
_LINTERS = (
    ("ruff", "check", "."),
    ("ruff", "format", "--check", "."),
    ("mypy", "plugins", "sandbox", "devstack", "demo", "bench", "compose"),
    ("lint-imports",),
)


def bench(argv: Sequence[str]) -> int:
    if not argv or argv[0].startswith("-"):
        names = sorted(path.stem.replace("_", "-") for path in (ROOT / "bench").glob("[!_]*.py"))
        raise StackError(f"script/bench NAME [--quick] [--json FILE], NAME is one of {', '.join(names)}")
    return _with_servers([sys.executable, "-m", f"bench.{argv[0].replace('-', '_')}", *argv[1:]])


def lint() -> None:
    """Run all at once, since each takes one processor."""
    with ThreadPoolExecutor() as pool:
        if complaints := [complaint for complaint in pool.map(_complaint, _LINTERS) if complaint]:
            raise StackError("\n".join(complaints))


def _complaint(linter: tuple[str, ...]) -> str | None:
    tool, *arguments = linter
    with step(" ".join(linter)):
        command = [str(_BIN / tool), *arguments]
        result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return f"{tool} is not content:\n{result.stdout}{result.stderr}" if result.returncode else None


def _with_servers(command: Sequence[str]) -> int:
    """Run with a developer's own servers; stop only those that this run started and that nobody else uses by now."""
    with DEVELOPMENT.in_use() as is_last:
        started = services.start(DEVELOPMENT)
        try:
            env = settings(DEVELOPMENT)
            migrate(DEVELOPMENT, env)
            return subprocess.run(command, env={**os.environ, **env}, cwd=ROOT, check=False).returncode
        finally:
            if is_last():
                services.stop(DEVELOPMENT, started)

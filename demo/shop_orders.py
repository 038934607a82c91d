"""The orders that the shops have before anything runs, and the pipelines' tables and views beside them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from devstack.shops import shops
from devstack.steps import ROOT, StackError


def fill_shops(store: str, first: date, last: date, env: Mapping[str, str]) -> None:
    """Make the orders before the schema, which includes the view of them."""
    for shop in shops():
        call(
            [sys.executable, "-m", "sandbox.shop", "fill", "--dsn", store,
             "--from", str(first), "--to", str(last), "--shop", shop],
            env,
        )  # fmt: skip
    call([str(Path(sys.executable).parent / "retail"), "schema", "apply"], env)


def call(command: list[str], env: Mapping[str, str]) -> None:
    result = subprocess.run(command, env=dict(env), cwd=ROOT, capture_output=True, text=True, check=False)
    if result.returncode:
        said = (result.stderr + result.stdout).strip()[-2000:]
        raise StackError(f"{Path(command[0]).name} {' '.join(command[1:3])} failed:\n{said}")

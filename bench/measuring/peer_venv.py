"""The virtual environment of what the product is compared with: .local/bench-venv, made the first time."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

from devstack import pip_wheel
from devstack.install import UV
from devstack.steps import LOCAL, ROOT, StackError, locked, step

VENV = LOCAL / "bench-venv"
REQUIREMENTS = ROOT / "bench" / "requirements.txt"


def interpreter() -> Path:
    """Return its Python; installs what bench/requirements.txt says unless that was done before."""
    python, stamp = VENV / "bin" / "python", VENV / ".installed"
    wanted = f"{sys.version} {ROOT} {hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()}\n"
    with locked(LOCAL / "bench-venv.lock"):
        if not stamp.exists() or stamp.read_text() != wanted:
            with step("Python packages of bench/requirements.txt"):
                _uv("venv", "--clear", "--python", sys.executable, str(VENV))
                _uv("pip", "sync", "--python", str(python), str(REQUIREMENTS))
            stamp.write_text(wanted)
    return python


def _uv(*arguments: str) -> None:
    command = [str(LOCAL / UV / "bin" / "uv"), *arguments, "--quiet", "--no-python-downloads"]
    result = subprocess.run(command, env=_environment(), capture_output=True, text=True, check=False)
    if result.returncode:
        raise StackError(f"uv {arguments[0]} failed:\n{result.stderr.strip()[-1500:]}")


def _environment() -> dict[str, str]:
    """uv does not read pip's settings, but who has a mirror has told pip about it."""
    url = None if "UV_DEFAULT_INDEX" in os.environ else pip_wheel.index_url()
    return {**os.environ, **({"UV_DEFAULT_INDEX": url} if url else {})}

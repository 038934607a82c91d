"""Provides a pip, also on machines whose Python comes without pip and ensurepip. Standard library only."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from devstack import debian
from devstack.steps import LOCAL, step

COMMAND = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
_TREE = LOCAL / "pip"
_WHEELS = "usr/share/python-wheels"


def environment() -> dict[str, str]:
    """Return what COMMAND needs: nothing where pip is installed, else a pip in a wheel, which runs as it is."""
    if find_spec("pip"):
        return {}
    folders = [Path("/") / _WHEELS, _TREE / _WHEELS]
    if (ensurepip := find_spec("ensurepip")) and ensurepip.origin:
        folders.insert(0, Path(ensurepip.origin).parent / "_bundled")
    wheels = [wheel for folder in folders for wheel in folder.glob("pip-*.whl")]
    if not wheels:
        with step("pip, as a wheel from the distribution"):
            _fetch()
        wheels = list(folders[-1].glob("pip-*.whl"))
    return {"PYTHONPATH": str(wheels[0])}


def _fetch() -> None:
    half = LOCAL / "pip.half"
    shutil.rmtree(half, ignore_errors=True)
    debian.unpack([["python3-pip-whl"]], half, needed_by=())
    shutil.rmtree(_TREE, ignore_errors=True)
    half.rename(_TREE)


def index_url() -> str | None:
    """Return the mirror in pip's settings, if any."""
    command = [*COMMAND, "config", "get", "global.index-url"]
    env = {**os.environ, **environment()}
    answer = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    return os.environ.get("PIP_INDEX_URL") or answer.stdout.strip() or None

"""A pip to run, on machines whose Python may come without pip and ensurepip. Standard library only."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from native import debian
from native.steps import LOCAL, step

COMMAND = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
_TREE = LOCAL / "pip"
_WHEELS = "usr/share/python-wheels"


def environment() -> dict[str, str]:
    """What COMMAND needs: nothing where pip is installed, else a pip in a wheel, which runs as it is."""
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
    return {"PYTHONPATH": f"{wheels[0]}:{_distutils().parent}"}


def _fetch() -> None:
    half = LOCAL / "pip.half"
    shutil.rmtree(half, ignore_errors=True)
    packages = [["python3-pip-whl"]]
    if _lacks_distutils():
        packages.append(["python3-distutils"])
    debian.unpack(packages, half, needed_by=())
    shutil.rmtree(_TREE, ignore_errors=True)
    half.rename(_TREE)
    if _distutils().exists():  # the package completes the standard library's folder; here it must stand alone
        shutil.copy(Path(os.__file__).parent / "distutils" / "__init__.py", _distutils())


def _lacks_distutils() -> bool:
    """Ubuntu 22.04 has split it off, and its pip wants it."""
    return sys.version_info < (3, 11) and not find_spec("distutils.cmd")


def _distutils() -> Path:
    return _TREE / f"usr/lib/python3.{sys.version_info.minor}" / "distutils"


def index_url() -> str | None:
    """The mirror that pip has been told about, if any."""
    command = [*COMMAND, "config", "get", "global.index-url"]
    env = {**os.environ, **environment()}
    answer = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    return os.environ.get("PIP_INDEX_URL") or answer.stdout.strip() or None

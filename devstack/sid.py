"""Packages of Debian sid with every library that they name, the C library included: none of the machine's is used."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from devstack.steps import LOCAL, StackError

_HOME = LOCAL / "sid"
_SOURCES = """\
Types: deb
URIs: http://deb.debian.org/debian
Suites: sid
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
"""
_MEND = (
    "To mend it: apt-get must reach deb.debian.org (apt's own proxy settings are respected), and the package"
    " debian-archive-keyring must be installed."
)


def refresh() -> None:
    """Fetch today's package lists of sid; leave the machine's own lists and installed packages alone."""
    for folder in ("lists/partial", "cache/archives/partial"):
        (_HOME / folder).mkdir(parents=True, exist_ok=True)
    (_HOME / "sid.sources").write_text(_SOURCES)
    _apt("apt-get", ["update", "--error-on=any"])


def candidate(package: str) -> str:
    """Return the version that sid had at the last refresh."""
    found = re.search(r"Candidate: ([^(\s]+)", _apt("apt-cache", ["policy", package]))
    if not found:
        raise StackError(f"Debian sid has no {package} for this machine")
    return found[1]


def unpack(package: str, into: Path) -> None:
    archives = into / "archives"
    archives.mkdir(parents=True)
    _apt("apt-get", ["download", *sorted(_with_libraries(package))], archives)
    for archive in archives.glob("*.deb"):
        _run(["dpkg", "-x", str(archive), str(into)])
    shutil.rmtree(archives)


def _with_libraries(package: str) -> set[str]:
    known: set[str] = set()
    asked = {package}
    while asked:
        named = re.findall(
            r"^ *(?:Pre)?Depends: (lib\S+|zlib1g)$", _apt("apt-cache", ["depends", *asked]), re.M
        )
        known |= asked
        asked = set(named) - known
    return known


def loader(tree: Path) -> list[str]:
    """Return the prefix of a program of the tree: sid's C library is too new for the machine's own loader."""
    linkers = sorted(tree.glob("usr/lib*/ld-linux-*.so.*")) or sorted(tree.glob("usr/lib/*/ld-linux-*.so.*"))
    if not linkers:
        raise StackError(f"no dynamic linker below {tree}")
    libraries = ":".join(str(folder) for folder in sorted(tree.glob("usr/lib/*-linux-gnu*")))
    return [str(linkers[0]), "--library-path", libraries]


def _apt(tool: str, arguments: Sequence[str], cwd: Path | None = None) -> str:
    options = {
        "Dir::Etc::sourcelist": _HOME / "sid.sources",
        "Dir::Etc::sourceparts": "/dev/null",
        "Dir::State::lists": _HOME / "lists",
        "Dir::Cache": _HOME / "cache",
        "Dir::State::status": "/dev/null",
        "APT::Sandbox::User": "root",  # _apt cannot enter a checkout below /root
        "Acquire::Languages": "none",
    }
    flags = [flag for key, value in options.items() for flag in ("-o", f"{key}={value}")]
    return _run([tool, "-q", *flags, *arguments], cwd)


def _run(command: Sequence[str], cwd: Path | None = None) -> str:
    env = {**os.environ, "LC_ALL": "C"}
    try:
        result = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise StackError(f"this is neither Debian nor Ubuntu (no {command[0]})") from None
    if result.returncode:
        raise StackError(f"{command[0]} of Debian sid failed:\n{result.stderr.strip()[-1500:]}\n{_MEND}")
    return result.stdout

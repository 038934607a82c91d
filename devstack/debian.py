"""Unpacks Debian packages into a folder, as any user: nothing is installed. Standard library only."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path

from devstack.steps import LOCAL, StackError

_OWN_LISTS = LOCAL / "apt"
_OPTIONS = {
    "APT::Sandbox::User": "root",  # _apt cannot enter a checkout below /root
    "Acquire::Languages": "none",
    "Acquire::IndexTargets::deb::DEP-11::DefaultEnabled": "false",
    "Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled": "false",
}


def _run(command: Sequence[str], cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "LC_ALL": "C"}
    return subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=False)


def _apt(tool: str, arguments: Sequence[str], own_lists: bool, cwd: Path | None = None) -> str:
    options = dict(_OPTIONS)
    if own_lists:
        options |= {"Dir::State::lists": str(_OWN_LISTS / "lists"), "Dir::Cache": str(_OWN_LISTS / "cache")}
    flags = [flag for key, value in options.items() for flag in ("-o", f"{key}={value}")]
    result = _run([tool, "-q", *flags, *arguments], cwd)
    if result.returncode:
        raise StackError(f"{tool} {' '.join(arguments)} failed:\n{result.stderr.strip()[-1500:]}")
    return result.stdout


def _refresh_own_lists() -> None:
    for folder in ("lists/partial", "cache/archives/partial"):
        (_OWN_LISTS / folder).mkdir(parents=True, exist_ok=True)
    _apt("apt-get", ["update"], own_lists=True)


def unpack(wanted: Sequence[Sequence[str]], into: Path, needed_by: Sequence[str]) -> None:
    """Unpack one of each group of alternative names, and the libraries that the programs `needed_by` are missing.

    The machine's package lists are tried first; where they are missing or stale, lists of our own are fetched,
    which needs neither root nor a writable /var.
    """
    if not (shutil.which("apt-get") and shutil.which("dpkg")):
        raise StackError("this is neither Debian nor Ubuntu (no apt-get, no dpkg)")
    try:
        _unpack(wanted, into, needed_by, own_lists=False)
    except StackError:
        _unpack_with_own_lists(wanted, into, needed_by)


def _unpack_with_own_lists(wanted: Sequence[Sequence[str]], into: Path, needed_by: Sequence[str]) -> None:
    shutil.rmtree(into, ignore_errors=True)
    try:
        _refresh_own_lists()
        _unpack(wanted, into, needed_by, own_lists=True)
    except StackError as error:
        raise StackError(
            f"{error}\nTo mend it: apt-get must reach the distribution's package servers, on Ubuntu 'universe', too."
        ) from None


def _unpack(wanted: Sequence[Sequence[str]], into: Path, needed_by: Sequence[str], own_lists: bool) -> None:
    into.mkdir(parents=True, exist_ok=True)
    fetched = {_first_available(names, own_lists) for names in wanted}
    _fetch(fetched, into, own_lists)
    while missing := missing_libraries(into, needed_by):
        more = {name for package in fetched for name in _library_dependencies(package, own_lists)} - fetched
        if not more:
            raise StackError(f"no package found for {', '.join(sorted(missing))}")
        _fetch(more, into, own_lists)
        fetched |= more


def _first_available(names: Iterable[str], own_lists: bool) -> str:
    for name in names:
        if re.search(r"Candidate: [^(]", _apt("apt-cache", ["policy", name], own_lists)):
            return name
    raise StackError(f"the package lists know none of {', '.join(names)}")


def _library_dependencies(package: str, own_lists: bool) -> set[str]:
    """Return only what the machine does not have: no other copy may shadow its own C library."""
    depends = re.findall(r"Depends: (lib\S+)", _apt("apt-cache", ["depends", package], own_lists))
    return {name for name in depends if not _installed(name)}


def _installed(package: str) -> bool:
    return "ok installed" in _run(["dpkg-query", "-W", "-f=${Status}", package]).stdout


def _fetch(packages: Iterable[str], into: Path, own_lists: bool) -> None:
    archives = into / "archives"
    archives.mkdir()
    _apt("apt-get", ["download", *sorted(packages)], own_lists, cwd=archives)
    for archive in archives.glob("*.deb"):
        if (result := _run(["dpkg", "-x", str(archive), str(into)])).returncode:
            raise StackError(f"dpkg -x {archive.name} failed: {result.stderr.strip()}")
    shutil.rmtree(archives)


def library_path(tree: Path) -> str:
    return ":".join(
        str(path) for path in [*tree.glob("usr/lib/*-linux-gnu*"), *tree.glob("lib/*-linux-gnu*")]
    )


def missing_libraries(tree: Path, programs: Sequence[str]) -> set[str]:
    env = {**os.environ, "LC_ALL": "C", "LD_LIBRARY_PATH": library_path(tree)}
    listing = subprocess.run(
        ["ldd", *(str(tree / program) for program in programs)],
        env=env, capture_output=True, text=True, check=False,
    ).stdout  # fmt: skip
    return set(re.findall(r"(\S+) => not found", listing))

"""What a lock file must and must not hold."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Mapping
from functools import cache
from importlib.metadata import packages_distributions

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ADDRESS = re.compile(
    r"https?:|git\+|file:|ssh:|--(extra-)?index|--find-links|--trusted-host|(^|\s)-[if]\s|\s@\s"
)


def locked_versions(lock: str) -> dict[str, set[Version]]:
    """Return the pinned versions by name; one name may be pinned differently per platform."""
    pins: dict[str, set[Version]] = {}
    for name, version in re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;]+)", lock, re.MULTILINE):
        pins.setdefault(canonicalize_name(name), set()).add(Version(version))
    return pins


def missing(requirements: list[str], lock: str) -> list[str]:
    """Return the requirements that a lock does not fulfil."""
    pins = locked_versions(lock)
    return [text for text in requirements if not _fulfilled(Requirement(text), pins)]


def _fulfilled(wish: Requirement, pins: dict[str, set[Version]]) -> bool:
    versions = pins.get(canonicalize_name(wish.name), set())
    return bool(versions) and all(wish.specifier.contains(version, prereleases=True) for version in versions)


def unpinned(lock: str) -> list[str]:
    """Return the requirement lines that allow more than one version."""
    lines = [line for line in lock.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    return [line for line in lines if not re.match(r"[A-Za-z0-9._-]+(\[[^\]]*\])?==\S", line)]


def addresses(lock: str) -> list[str]:
    """Return the lines that name a place to install from."""
    return [line for line in lock.splitlines() if ADDRESS.search(line)]


def undeclared(source: str, requirements: list[str]) -> list[str]:
    """Return the modules of others that a file imports and no requirement brings by its own name.

    What comes with another package only goes when that one no longer needs it.
    """
    declared = {canonicalize_name(Requirement(text).name) for text in requirements}
    brought_by = _brought_by()
    return [
        name
        for name in sorted(_imported(source) - sys.stdlib_module_names - {"retail_pipeline"})
        if not declared & {canonicalize_name(package) for package in brought_by.get(name, [])}
    ]


@cache
def _brought_by() -> Mapping[str, list[str]]:
    return packages_distributions()


def _imported(source: str) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found.update(alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    return found

"""Packages of this environment for another one, without a network: what a requirement brings along, packed again."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import Distribution, distribution
from pathlib import Path
from zipfile import ZipFile

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name


def brought_by(*requirements: str) -> dict[str, Distribution]:
    """Return what is installed here because of these requirements, themselves included, by name."""
    found: dict[str, Distribution] = {}
    seen: set[str] = set()
    left = [Requirement(text) for text in requirements]
    while left:
        wish = left.pop()
        if str(wish) in seen:
            continue
        seen.add(str(wish))
        name = canonicalize_name(wish.name)
        found[name] = distribution(name)
        left += _dependencies(found[name], {"", *wish.extras})
    return found


def _dependencies(dist: Distribution, extras: set[str]) -> Iterator[Requirement]:
    for wish in map(Requirement, dist.requires or []):
        if wish.marker is None or any(wish.marker.evaluate({"extra": extra}) for extra in extras):
            yield wish


def pack(dist: Distribution, folder: Path) -> None:
    """Write the wheel from which a package was installed, but for the programs, which an installer makes anew."""
    [*_, tag] = [
        line[5:] for line in (dist.read_text("WHEEL") or "").splitlines() if line.startswith("Tag: ")
    ]
    name = f"{dist.name.replace('-', '_').replace('.', '_')}-{dist.version}"
    files = [file for file in dist.files or [] if ".." not in file.parts and file.suffix != ".pyc"]
    with ZipFile(folder / f"{name}-{tag}.whl", "w") as wheel:
        for file in files:
            if file.name != "RECORD":
                wheel.write(str(file.locate()), str(file))
        [record] = [file for file in files if file.name == "RECORD" and ".dist-info" in str(file)]
        wheel.writestr(str(record), "".join(f"{file},,\n" for file in files))

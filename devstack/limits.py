"""The numbers that the documents name, with the code's values: those of docs/limits.yaml, pools and settings."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import time, timedelta
from importlib import import_module
from typing import Any, Literal, get_args, get_origin

import yaml
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from devstack.steps import ROOT
from retail_pipeline.settings.file import DEFAULT_PATH
from retail_pipeline.settings.retail import Settings

LIST = ROOT / "docs" / "limits.yaml"
_POOLS = DEFAULT_PATH.with_name("pools.json")
_UNITS = {"days": 86_400, "h": 3600, "min": 60, "s": 1}


def tables() -> str:
    """Return all numbers, a table for each heading."""
    groups = yaml.safe_load(LIST.read_text(encoding="utf-8"))
    parts = [f"## {heading}\n\n{_table('what', _listed(rows))}" for heading, rows in groups.items()]
    parts.append(f"## Slots of the pools\n\n{_table('pool', _pools())}")
    settings = Settings.model_validate(yaml.safe_load(DEFAULT_PATH.read_text(encoding="utf-8")))
    parts.append(f"## Settings\n\n{_SETTINGS}\n\n{_table('key', _settings(settings), 'allowed')}")
    return "\n\n".join(parts)


_SETTINGS = (
    "As `include/config/retail.yaml` comes; where a key is left out there is a default, in brackets where it is "
    "another value. What each key means: [configuration.md](configuration.md)."
)


def _table(first: str, rows: Iterator[tuple[str, str, str]], last: str = "where") -> str:
    lines = [f"| {first} | value | {last} |", "|---|---|---|"]
    return "\n".join(lines + [f"| {' | '.join(row)} |" for row in rows])


def _listed(rows: list[list[str]]) -> Iterator[tuple[str, str, str]]:
    for what, where, *unit in rows:
        yield what, shown(value_at(where), *unit), f"`{_place(where)}`"


def value_at(where: str) -> object:
    """Return the code's value for an entry of docs/limits.yaml.

    :raises LookupError: the code has no such value
    """
    file, found, expression = where.partition(" ~ ")
    if found:
        matches = set(re.findall(expression, (ROOT / file).read_text(encoding="utf-8")))
        if len(matches) != 1:
            raise LookupError(f"{where}: found {sorted(matches) or 'nothing'}, wanted one number")
        return int(matches.pop())
    module, _, path = where.partition(":")
    value: object = import_module(f"retail_pipeline.{module}")
    for name in path.split("."):
        value = _member(value, name, where)
    return value


def _member(owner: object, name: str, where: str) -> object:
    called = name.endswith("()")
    name = name.removesuffix("()")
    if isinstance(owner, Mapping) and name in owner:
        return owner[name]
    if not hasattr(owner, name):
        raise LookupError(f"{where}: there is no {name}")
    found = getattr(owner, name)
    return found() if called else found


def _place(where: str) -> str:
    file, found, _ = where.partition(" ~ ")
    module, _, name = where.partition(":")
    return file if found else f"{module.replace('.', '/')}.py:{name}"


def shown(value: object, unit: str = "") -> str:
    """Return a value as people read it.

    >>> shown(timedelta(minutes=90)), shown(45, "s"), shown(67_108_864, "bytes"), shown(0.02, "share"), shown(10_000)
    ('90 min', '45 s', '64 MB', '2 %', '10,000')
    """
    if isinstance(value, timedelta):
        seconds = value.total_seconds()
        name = next(name for name, length in _UNITS.items() if seconds % length == 0)
        return f"{seconds / _UNITS[name]:g} {name}"
    if unit == "bytes" and isinstance(value, int) and value % 2**20 == 0:
        return f"{value // 2**20} MB"
    if unit == "share" and isinstance(value, float):
        return f"{value:.0%}".replace("%", " %")
    return f"{_plain(value)} {unit}".rstrip()


def _plain(value: object) -> str:
    if isinstance(value, int | float):
        return f"{value:,.10g}" if isinstance(value, float) else f"{value:,}"
    if isinstance(value, time):
        return f"{value:%H:%M}"
    return re.sub(r"^([0-9]+)([a-z]+)$", r"\1 \2", str(value))  # PostgreSQL's 90s


def _pools() -> Iterator[tuple[str, str, str]]:
    for name, pool in sorted(json.loads(_POOLS.read_text(encoding="utf-8")).items()):
        yield f"`{name}`", str(pool["slots"]), "`include/config/pools.json`"


def _settings(section: BaseModel, prefix: str = "") -> Iterator[tuple[str, str, str]]:
    """Return numbers and times of a section and of those below it; lists belong to the user."""
    for name, field in type(section).model_fields.items():
        value: Any = getattr(section, name)
        if isinstance(value, BaseModel):
            yield from _settings(value, f"{prefix}{name}.")
        elif isinstance(value, int | float | time) and not isinstance(value, bool):
            yield f"`{prefix}{name}`", _plain(value) + _other_default(field, value), _allowed(field)


def _other_default(field: FieldInfo, value: object) -> str:
    return "" if field.is_required() or field.default == value else f" ({_plain(field.default)})"


def _allowed(field: FieldInfo) -> str:
    if get_origin(field.annotation) is Literal:
        return ", ".join(map(str, get_args(field.annotation)))
    bounds = {
        name: getattr(each, name)
        for each in _metadata(field)
        for name in ("ge", "gt", "le")
        if hasattr(each, name)
    }
    shown_bounds = {name: _plain(bound) for name, bound in bounds.items()}
    if {"ge", "le"} <= bounds.keys():
        return "{ge} to {le}".format(**shown_bounds)
    return "".join(
        f"{word} {shown_bounds[name]}" for name, word in (("ge", "from"), ("gt", "over")) if name in bounds
    )


def _metadata(field: FieldInfo) -> Iterator[Any]:
    """Return the metadata of the field, and of its type apart from None."""
    yield from field.metadata
    for each in get_args(field.annotation):
        for info in getattr(each, "__metadata__", ()):
            yield from info.metadata

"""Which fields occur in the data, and what they are. Standard library only: the peers use what occurs, too."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from bench.sys_info_load.job import PARTS
from bench.sys_info_load.records import parts_of

Fields = Mapping[str, Mapping[str, str]]  # SQL type by field by part
_FILE = "fields.json"
_TEXTS = {  # a field is one of these where all its values look so
    "timestamp": re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", re.ASCII),
    "numeric": re.compile(r"-?\d+\.\d\d", re.ASCII),
}
_OTHERS: dict[type, str] = {bool: "boolean", int: "bigint", dict: "jsonb", list: "jsonb"}


def occurring_fields(responses: Iterable[str]) -> Fields:
    """Look at trades; who writes rows later must refuse a field that did not occur among these."""
    found: dict[str, dict[str, str]] = {part: {} for part in PARTS}
    for response in responses:
        for part, records in parts_of(json.loads(response)).items():
            kinds = found[part]
            for record in records:
                for name, value in record.items():
                    if kinds.get(name) != "text":
                        kinds[name] = _both(name, kinds.get(name), _kind(value))
    return {part: dict(sorted(kinds.items())) for part, kinds in found.items()}


def keep(folder: str, fields: Fields) -> None:
    (Path(folder) / _FILE).write_text(json.dumps(fields))


def kept(folder: str) -> Fields:
    fields: Fields = json.loads((Path(folder) / _FILE).read_text())
    return fields


def _kind(value: Any) -> str:
    if not isinstance(value, str):
        return _OTHERS[type(value)]
    return next((kind for kind, form in _TEXTS.items() if form.fullmatch(value)), "text")


def _both(name: str, one: str | None, other: str) -> str:
    if one in (None, other):
        return other
    if {one, other} <= {*_TEXTS, "text"}:
        return "text"
    raise ValueError(f"{name} is {one} here and {other} there")

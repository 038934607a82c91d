"""The parameters of one method, checked strictly: none unknown, each in its form."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sandbox.taobao.envelope import invalid, missing
from sandbox.taobao_records.wall_time import read_time

Form = Callable[[str, str], Any]
_LARGEST = 2**63 - 1


def checked(
    sent: Mapping[str, str], required: Mapping[str, Form], optional: Mapping[str, Form]
) -> dict[str, Any]:
    """What was sent empty counts as not sent."""
    for name in required:
        if not sent.get(name):
            raise missing(name)
    known = {**required, **optional}
    for name in sent:
        if name not in known:
            raise invalid(name)
    return {name: known[name](name, value) for name, value in sent.items() if value}


def text(_name: str, value: str) -> str:
    return value


def whole(name: str, value: str) -> int:
    if not (value.isascii() and value.isdigit()) or len(value) > 19 or int(value) > _LARGEST:
        raise invalid(name)
    return int(value)


def time(name: str, value: str) -> int:
    seconds = read_time(value)
    if seconds is None:
        raise invalid(name)
    return seconds


def boolean(name: str, value: str) -> bool:
    if value not in ("true", "false"):
        raise invalid(name)
    return value == "true"


def field_names(name: str, value: str) -> frozenset[str]:
    """Only what stands before a dot counts: orders.title asks for the whole of orders."""
    names = frozenset(part.strip().split(".")[0] for part in value.split(","))
    if "" in names:
        raise invalid(name)
    return names


def numbers(name: str, value: str) -> list[int]:
    parts = [whole(name, part.strip()) for part in value.split(",")]
    if len(parts) > 50:
        raise invalid(name)
    return parts

"""What a model of a record is made of, and the marks in it that its number and its times replace."""

from __future__ import annotations

from typing import Any, NamedTuple

from sandbox.taobao_records.json_text import bare
from sandbox.taobao_records.kinds import Wrapping

MODELS = 240  # of each kind


class Model(NamedTuple):
    record: dict[str, Any]
    columns: dict[str, Any]  # those that the table has besides its key, its times and the jdp_ ones
    seller: str
    wrapping: Wrapping


def number(mark: str = "id") -> str:
    """A mark that is filled in as a number without quotes."""
    return bare(f"%({mark})d")


def yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}"


def present(fields: dict[str, Any]) -> dict[str, Any]:
    """Taobao leaves out what is not there; it has no null."""
    return {name: value for name, value in fields.items() if value is not None}


def pick(index: int, choices: tuple[tuple[str, int], ...]) -> str:
    """By weights that add up to the number of models; so every choice is there, the rare ones too."""
    for name, weight in choices:
        if index < weight:
            return name
        index -= weight
    raise ValueError("the weights must add up to the number of models")

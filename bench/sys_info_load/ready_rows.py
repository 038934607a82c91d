"""What is made ready on disk: answers one a line; rows for COPY in text format, a file a table and 20,000 trades."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from bench.sys_info_load.records import Record
from bench.sys_info_load.target_tables import TargetTable

TRADES_A_FILE = 20_000
_ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})


def answers_file(folder: str) -> Path:
    return Path(folder) / "answers.jsonl"


def ready_file(folder: str, batch: int, table: TargetTable) -> Path:
    return Path(folder) / f"{batch:04}.{table.name}.copy"


def batches(folder: str) -> Iterator[int]:
    """Yield the numbers of all batches there are."""
    yield from sorted({int(file.name[:4]) for file in Path(folder).glob("*.copy")})


def copy_line(table: TargetTable, row: Record) -> bytes:
    if unknown := row.keys() - table.columns.keys():
        raise ValueError(f"{table.name} has no columns for {', '.join(sorted(unknown))}")
    return _joined(row.get(name) for name in table.columns).encode()


def _joined(values: Iterable[Any]) -> str:
    return "\t".join(map(_copy_text, values)) + "\n"


def _copy_text(value: Any) -> str:
    match value:
        case None:
            return r"\N"
        case bool():
            return "t" if value else "f"
        case dict() | list():
            value = json.dumps(value, ensure_ascii=False)
    return str(value).translate(_ESCAPES)

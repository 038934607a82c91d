"""Rows that wait for a bulk load, as the database reads them, and the heads that they belong to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

from retail_pipeline.tables.column_values import Values
from retail_pipeline.tables.description import TableFamily

# The values of a head's primary key.
Key: TypeAlias = tuple[Any, ...]


@dataclass(frozen=True)
class Chunk:
    """Rows of some columns of a table; the other columns are NULL.

    :param lines: one line for each row, with a line end that occurs nowhere else
    :param owners: the key of the head that each row belongs to, column by column
    """

    names: tuple[str, ...]
    lines: bytes
    owners: tuple[Values, ...]


Batch = dict[str, list[Chunk]]


def empty_batch(family: TableFamily) -> Batch:
    """Return a batch with nothing in it."""
    return {table.name: [] for table in family}


def by_head(family: TableFamily, batch: Batch) -> dict[Key, Batch]:
    """Return a batch head by head, each with its children."""
    found: dict[Key, Batch] = {}
    for table in family:
        for chunk in batch[table.name]:
            lines = chunk.lines.split(b"\n")[:-1]
            for key, line in zip(zip(*chunk.owners, strict=True), lines, strict=True):
                of_head = found.setdefault(key, empty_batch(family))
                of_head[table.name].append(Chunk(chunk.names, line + b"\n", tuple([part] for part in key)))
    return found


def together(family: TableFamily, batches: list[Batch]) -> Batch:
    """Return several batches as one."""
    return {table.name: [chunk for batch in batches for chunk in batch[table.name]] for table in family}

"""The figures of values that a certificate compares: those of the records, and those of the target's rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from retail_pipeline.tables.description import Kind

GROUPS: Mapping[Kind, str] = {
    Kind.MONEY: "amounts", Kind.MOMENT: "times", Kind.TEXT: "texts", Kind.LONG_TEXT: "texts",
    Kind.BIGINT: "numbers", Kind.FLAG: "numbers", Kind.JSON: "documents",
}  # fmt: skip


@dataclass(frozen=True)
class Figure:
    """What one column holds.

    :param count: how many values are not NULL
    :param total: their sum: amounts and numbers as they are, times in milliseconds since 1970, texts as their length
        in bytes of UTF-8; documents have none, since databases rewrite them
    :param least: the earliest time
    :param most: the latest time
    """

    count: int = 0
    total: int | Decimal = 0
    least: int | None = None
    most: int | None = None

    def __add__(self, other: Figure) -> Figure:
        return Figure(
            self.count + other.count,
            self.total + other.total,
            min(_there(self.least, other.least), default=None),
            max(_there(self.most, other.most), default=None),
        )

    def shown(self) -> list[str]:
        """Return it as text, so that an amount keeps its digits in any JSON."""
        total = f"{self.total.normalize():f}" if isinstance(self.total, Decimal) else str(self.total)
        return [str(self.count), total, *map(str, _there(self.least, self.most))]


def _there(*values: int | None) -> list[int]:
    return [value for value in values if value is not None]


@dataclass
class TableFigures:
    """What one table holds.

    :ivar rows: heads or lines
    :ivar columns: by group and name; those without any value may be left out
    """

    rows: int = 0
    columns: dict[tuple[str, str], Figure] = field(default_factory=dict)

    def add(self, other: TableFigures) -> None:
        """Add the figures of more rows of the same table."""
        self.rows += other.rows
        for name, figure in other.columns.items():
            self.columns[name] = self.columns[name] + figure if name in self.columns else figure

    def groups(self) -> dict[str, Figure]:
        """Return the figures of the columns, summed up by group."""
        found: dict[str, Figure] = {}
        for (group, _), figure in self.columns.items():
            found[group] = found.get(group, Figure()) + figure
        return found


# By table.
Figures = dict[str, TableFigures]


def summed(many: Iterable[Figures]) -> Figures:
    """Return the figures of all of them together."""
    found: Figures = {}
    for figures in many:
        for table, of_table in figures.items():
            found.setdefault(table, TableFigures()).add(of_table)
    return found


def differences(source: Figures, target: Figures) -> Iterator[str]:
    """Say in words what differs: counts, sums and extremes, never a text; of a single row, its amount or time."""
    for table, said in source.items():
        there = target[table]
        if said.rows != there.rows:
            yield f"{table}: {said.rows} rows in the source, {there.rows} here"
        for (group, column), figure in said.columns.items():
            found = there.columns.get((group, column), Figure())
            if figure != found:
                yield f"{table}.{column} ({group}): {_words(figure)} in the source, {_words(found)} here"


def _words(figure: Figure) -> str:
    return " ".join(figure.shown())


def both_sides(source: Figures, target: Figures) -> dict[str, Any]:
    """Return both for a certificate: by table and group, count, sum and extremes of the source and of the target."""
    told: dict[str, Any] = {}
    for table, said in source.items():
        there = target[table].groups()
        told[table] = {"rows": [said.rows, target[table].rows]} | {
            group: [figure.shown(), there.get(group, Figure()).shown()]
            for group, figure in said.groups().items()
        }
    return told


def is_same(compared: Mapping[str, Any]) -> bool:
    """Tell whether both sides of a certificate are equal, and every row that was compared field by field."""
    tables = compared["tables"].values()
    return not compared["unequal"] and all(one == other for table in tables for one, other in table.values())

"""The target's side of a certificate: what the tables themselves hold of the heads that were published."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

from retail_pipeline.databases.target_session import query_text
from retail_pipeline.tables.comparing_statements import ComparingStatements
from retail_pipeline.tables.description import Column, Kind, Table
from retail_pipeline.tables.value_figures import GROUPS, Figure, TableFigures

if TYPE_CHECKING:
    from retail_pipeline.databases.target_session import Session

Key = tuple[Any, ...]
Row = dict[str, Any]


@dataclass(frozen=True)
class TargetSide:
    """Queries the tables within the transaction that published.

    :param values: parameters for the part of the statements that says which heads were published
    :param all_ours: all of them were published, none was refused
    """

    session: Session
    statements: ComparingStatements
    window_id: int
    values: Mapping[str, Any]
    all_ours: bool

    def figures(self, columns: Mapping[str, Sequence[Column]]) -> dict[str, TableFigures]:
        """Return what the tables hold of the heads that are there under this certificate, and of their lines.

        :param columns: by table, the columns to compare
        """
        return {table.name: self._figures(table, columns[table.name]) for table in self.statements.family}

    def not_ours(self) -> list[Key]:
        """Return the keys of heads that are not there under this certificate."""
        return [tuple(row.values()) for row in self._ask(self.statements.not_ours())]

    def rows(self, keys: Iterable[Key], columns: Mapping[str, Sequence[Column]]) -> dict[str, list[Row]]:
        """Return by table the rows of some heads, column by column, times in milliseconds since 1970.

        :param columns: by table, those wanted; ``others`` of a row counts the values in all its other columns
        """
        *prefix, last = self.statements.family.head.key
        by_prefix = [
            (start, [key[-1] for key in same]) for start, same in groupby(sorted(keys), lambda key: key[:-1])
        ]
        found: dict[str, list[Row]] = {}
        for table in self.statements.family:
            asked = self.statements.rows(table, columns[table.name])
            found[table.name] = [
                row
                for start, ends in by_prefix
                for row in query_text(
                    self.session, asked, {**dict(zip(prefix, start, strict=True)), last: ends}
                )
            ]
        return found

    def _figures(self, table: Table, columns: Sequence[Column]) -> TableFigures:
        [row] = self._ask(self.statements.figures(table, columns, all_ours=self.all_ours))
        found = TableFigures(int(row["rows_there"]))
        found.columns.update(_column_figures(row, columns))
        return found

    def _ask(self, sql: str) -> list[Row]:
        return query_text(self.session, sql, {**self.values, "window_id": self.window_id})


def _column_figures(row: Row, columns: Sequence[Column]) -> Iterator[tuple[tuple[str, str], Figure]]:
    for at, column in enumerate(columns):
        total, ends = row[f"t{at}"] or 0, (row.get(f"l{at}"), row.get(f"m{at}"))
        if column.kind is not Kind.MONEY:
            total = int(total)
        yield (
            (GROUPS[column.kind], column.name),
            Figure(int(row[f"n{at}"]), total, *(None if end is None else int(end) for end in ends)),
        )

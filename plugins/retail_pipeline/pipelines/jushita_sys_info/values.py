"""Values of a sys_info table's records, for the certificate: figures of many, and all fields of a single one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import tzinfo
from typing import Any

from retail_pipeline.tables.column_values import Columns
from retail_pipeline.tables.description import Table
from retail_pipeline.tables.value_figures import Figures
from retail_pipeline.vendors.taobao.pushed_fields import fields_in
from retail_pipeline.vendors.taobao.rows import Rows
from retail_pipeline.vendors.taobao.sys_info import SourceRow
from retail_pipeline.vendors.taobao.tables import OWN_COLUMNS, FeedTable
from retail_pipeline.windows.field_comparison import FieldComparison, Told
from retail_pipeline.windows.source_side import Kept
from retail_pipeline.windows.source_values import figures_of
from retail_pipeline.windows.value_comparison import ValueComparison

# The values beside an answer in its row, in this order.
_BESIDE = ("jdp_created", "jdp_modified", "jdp_hashcode", "deleted")


class FeedValues:
    """Reads the values of one pushed table.

    :param zone: the zone in which the target reads a time without one
    """

    def __init__(self, table: FeedTable, zone: tzinfo) -> None:
        self._table = table
        self._zone = zone

    def of_columns(self, rows: Sequence[SourceRow], columns: Mapping[str, Columns]) -> Figures:
        """Return the figures of records whose fields were decoded column by column."""
        decoded = {table.name: columns[table.name].decoded for table in self._table.family}
        decoded[self._table.head.name] |= _beside(rows)
        return {
            table.name: self._figures_of(table, columns[table.name].came, decoded[table.name])
            for table in self._table.family
        }

    def of_records(self, rows: Sequence[SourceRow], apart: Sequence[Rows]) -> Figures:
        """Return the figures of records on the slow path: each is decoded here once more.

        :param apart: their rows, which show the fields that have a column, and those in ``extra``
        """
        records = [fields_in(row.response or b"", self._table) for row in rows]
        found = {}
        for table in self._table.family:
            lines = [line for record in records for line in record[table.name]]
            made = [row for of_record in apart for row in of_record[table.name]]
            columns = _columns(table, lines, made)
            if table is self._table.head:
                columns |= _beside(rows)
            found[table.name] = self._figures_of(table, len(lines), columns)
        return found

    def comparison(self) -> ValueComparison:
        """Return the comparison of a window of them."""
        return ValueComparison(FieldComparison(self._table.family, OWN_COLUMNS, self._zone), self._told)

    def _told(self, kept: Kept) -> Told:
        return Told(fields_in(kept.raw, self._table), dict(zip(_BESIDE, kept.about, strict=True)))

    def _figures_of(self, table: Table, rows: int, columns: Mapping[str, Sequence[Any]]) -> Any:
        # Rows are found by the head's key, so lines need not repeat it.
        compared = {name: values for name, values in columns.items() if name not in self._table.head.key}
        return figures_of(table, rows, compared, self._zone)


def kept(row: SourceRow) -> Kept:
    """Return a row in the form that is kept until it is compared."""
    return Kept(row.key, row[1:5], row.response or b"")


def row_of(record: Kept) -> SourceRow:
    """Return a row from its kept form."""
    created, modified, hashcode, deleted = record.about
    return SourceRow(record.key, created, modified, hashcode, deleted, record.raw)


def _beside(rows: Iterable[SourceRow]) -> dict[str, Sequence[Any]]:
    columns = list(zip(*(row[1:5] for row in rows), strict=True)) or [()] * len(_BESIDE)
    return dict(zip(_BESIDE, columns, strict=True))


def _columns(
    table: Table, lines: Sequence[Mapping[str, Any]], made: Sequence[Mapping[str, Any]]
) -> dict[str, Sequence[Any]]:
    """Return fields by their columns, without those in ``extra``."""
    fields = {field for line in lines for field in line}
    return {
        column.name: [
            line.get(field) if field in row else None for line, row in zip(lines, made, strict=False)
        ]
        for field, column in table.by_field.items()
        if field in fields and column.name not in OWN_COLUMNS
    }

"""Pages of a sys_info table → columns ready for the stage, and records for the quarantine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import tzinfo

from retail_pipeline.business_time import SHANGHAI
from retail_pipeline.errors import RecordRejected
from retail_pipeline.pipelines.jushita_sys_info.values import FeedValues
from retail_pipeline.tables.column_values import UNFIT, Columns, Values, columns_of, converted
from retail_pipeline.tables.fingerprint import fingerprint
from retail_pipeline.tables.value_figures import Figures, summed
from retail_pipeline.vendors.taobao.content_digest import RecordDigest
from retail_pipeline.vendors.taobao.rows import Rows, take_apart
from retail_pipeline.vendors.taobao.sys_info import SourceRow
from retail_pipeline.vendors.taobao.tables import CONTENT_DIGEST, LINE_COUNT, FeedTable
from retail_pipeline.vendors.taobao.typed_rows import NeedsSlowPath, TypedRows
from retail_pipeline.windows.quarantine import Rejected

# So many records are checked one by one, and not halved again.
ROWS_ONE_BY_ONE = 16
_WITH_MILLISECONDS = len("2026-11-22 10:00:00.123")


@dataclass
class SysInfoPage:
    """One page that can be staged.

    :ivar blocks: rows by table; several blocks, where some records needed the slow path
    :ivar row_hashes: by key, the fingerprint of key and version, as source and target work it out
    :ivar rejected: by key
    :ivar unfit: by key, fields of the row and its lines that are in ``extra`` since their columns cannot hold them
    :ivar figures: of all records that are not rejected
    """

    blocks: list[dict[str, Columns]] = field(default_factory=list)
    row_hashes: dict[int, int] = field(default_factory=dict)
    rejected: dict[int, Rejected] = field(default_factory=dict)
    unfit: dict[int, list[str]] = field(default_factory=dict)
    figures: Figures = field(default_factory=dict)


class FeedRows:
    """Makes the rows of one pushed table of one instance.

    :param zone: the zone in which the target reads a time without one
    """

    def __init__(self, table: FeedTable, instance: str, zone: tzinfo = SHANGHAI) -> None:
        self._table = table
        self._instance = instance
        self.values = FeedValues(table, zone)
        self._typed = TypedRows(table)
        self._digest = RecordDigest(table)

    def ready(self, rows: Sequence[SourceRow], read_at: str) -> SysInfoPage:
        """Return a page's rows; a record that cannot be used does not stop the others.

        :param read_at: the moment before the page was read, Shanghai time as text
        """
        ready = SysInfoPage()
        self._make_ready(rows, read_at, ready)
        return ready

    def _make_ready(self, rows: Sequence[SourceRow], read_at: str, ready: SysInfoPage) -> None:
        """Decode all at once; where a record needs the slow path, halve the rows, and decode a few one by one."""
        try:
            columns = self._typed.columns([row.key for row in rows], [row.response for row in rows])
            own = self._own(rows, read_at)
            said = self.values.of_columns(rows, columns)
        except (NeedsSlowPath, RecordRejected):
            if len(rows) > ROWS_ONE_BY_ONE:
                middle = len(rows) // 2
                self._make_ready(rows[:middle], read_at, ready)
                self._make_ready(rows[middle:], read_at, ready)
                return
            rows, apart = self._one_by_one(rows, ready, read_at)
            columns, own = self._columns(apart), self._own(rows, read_at)
            own |= self._told(apart)
            said = self.values.of_records(rows, apart)
        for name, values in own.items():
            columns[self._table.head.name].put(name, values)
        ready.blocks.append(columns)
        ready.figures = summed([ready.figures, said])
        ready.row_hashes.update({row.key: row_hash(row.key, row.modified) for row in rows})

    def _one_by_one(
        self, rows: Sequence[SourceRow], ready: SysInfoPage, read_at: str
    ) -> tuple[list[SourceRow], list[Rows]]:
        usable, apart = [], []
        for row in rows:
            try:
                parts = take_apart(row.response, self._table, row.key)
                self._columns([parts])
                self._own([row], read_at)
            except RecordRejected as rejection:
                ready.rejected[row.key] = Rejected.of(row.response or b"", row.key, rejection)
            else:
                usable.append(row)
                apart.append(parts)
                if unfit := [
                    name for part in parts.values() for each in part for name in each.get(UNFIT, ())
                ]:
                    ready.unfit[row.key] = unfit
        return usable, apart

    def _columns(self, records: Sequence[Rows]) -> dict[str, Columns]:
        found = {}
        for table in self._table.family:
            rows = [row for parts in records for row in parts[table.name]]
            there = table.only({name for row in rows for name in row})
            found[table.name] = Columns(list(there.names), columns_of(there, rows))
        return found

    def _told(self, apart: Sequence[Rows]) -> dict[str, Values]:
        """Return the content columns of records that were decoded one by one."""
        lines = [sum(len(rows[child.table.name]) for child in self._table.children) for rows in apart]
        return {LINE_COUNT: lines, CONTENT_DIGEST: list(map(self._digest.of, apart))}

    def _own(self, rows: Sequence[SourceRow], read_at: str) -> dict[str, Values]:
        """Return the head's columns that do not come from the answers."""
        own: dict[str, Values] = {
            "jdp_created": [row.created for row in rows],
            "jdp_modified": [row.modified for row in rows],
            "jdp_hashcode": [row.hashcode for row in rows],
            "deleted": [row.deleted for row in rows],
        }
        fields = self._table.head.by_field
        return {
            **{name: converted(fields[name], values) for name, values in own.items()},
            "read_at": [read_at] * len(rows),
            "instance": [self._instance] * len(rows),
        }


def row_hash(key: int, modified: str) -> int:
    """Return the fingerprint of a row, as ``sys_info/tally`` and the target's own proof work it out.

    :param modified: with milliseconds where the column has them
    """
    return fingerprint(key, f"{modified}.000000" if len(modified) < _WITH_MILLISECONDS else f"{modified}000")

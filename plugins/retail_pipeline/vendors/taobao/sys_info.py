"""Reads one table of sys_info: by key within time, never by offset, without locks, in short statements.

A row is changed in place, and its jdp_modified moves forward: an offset would then skip other rows. Many rows share a
second, so a page begins behind the last row of the one before, and not behind its time. So if the server ends a
session in the middle of a window, it is opened again, and the next page is the same as without the interruption.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from retail_pipeline.business_time import SECOND, Window, from_local_time, local_time
from retail_pipeline.databases.mysql_session import faults_of, is_gone, query, reopen, texts_as_bytes
from retail_pipeline.databases.statements import statement
from retail_pipeline.errors import ConfigError
from retail_pipeline.tables.fingerprint import sum_of
from retail_pipeline.vendors.attempts import in_place
from retail_pipeline.vendors.taobao.rows import changed_at
from retail_pipeline.vendors.taobao.tables import FeedTable

if TYPE_CHECKING:
    import pymysql

# Smaller than any key.
_NO_KEY = -1
# Rows without jdp_response are so much smaller that a page holds more of them.
_LISTED_PER_ROW = 10
_SECONDS = len("2026-11-22 10:00:00")


class SourceRow(NamedTuple):
    """A row of sys_info as it was read.

    :ivar key: tid, refund_id, num_iid …
    :ivar created: when it was pushed first, like ``modified``
    :ivar modified: jdp_modified, Shanghai time as text: ``2026-11-22 10:00:00``, and ``.123`` where it has
        milliseconds; where it is NULL or zero, the record's own time of change; "" where there is none either
    :ivar deleted: 1 where the push marked it as deleted, None where its table has no such mark
    :ivar response: jdp_response, UTF-8
    """

    key: int
    created: str | None
    modified: str
    hashcode: str | None
    deleted: int | None
    response: bytes | None


class Listed(NamedTuple):
    """A row of sys_info without jdp_response; ``modified`` is "" where there is none."""

    key: int
    modified: str
    hashcode: str | None


class Tally(NamedTuple):
    """The source's count of a window: rows, and the sum of their fingerprints."""

    total: int
    checksum: int


Values: TypeAlias = Mapping[str, Any]
Form: TypeAlias = "Callable[[pymysql.Connection[Any]], AbstractContextManager[object]]"
Fetched: TypeAlias = tuple[Any, ...]


@dataclass(frozen=True)
class RowFilter:
    """A part of a table's rows.

    :param sellers: by nick; None means all
    :param statuses: of the business; None means all
    """

    sellers: tuple[str, ...] | None = None
    statuses: tuple[str, ...] | None = None


@dataclass
class SysInfoTable:
    """One table in one RDS, read in a session of its own.

    :param conn_id: of the session
    :param page_rows: number of rows, with their answers, that are read at once
    """

    session: pymysql.Connection[Any]
    conn_id: str
    table: FeedTable
    page_rows: int
    row_filter: RowFilter = field(default_factory=RowFilter)
    _names: dict[str, str] = field(default_factory=dict, init=False)
    _gone: bool = field(default=False, init=False)

    def exists(self) -> bool:
        """Return whether anything was pushed yet: the platform creates a table with its first row.

        :raises ConfigError: the table exists twice, or lacks the index by which it must be read
        """
        found = query(self.session, "sys_info/present", {"table": self.table.name})
        if not found:
            return False
        if len(found) > 1:
            names = " and ".join(row["name"] for row in found)
            raise ConfigError(f"sys_info has {names}: which of them is pushed? Rename or drop the other")
        name = found[0]["name"]
        if not query(self.session, "sys_info/indexed", {"name": name})[0]["indexed"]:
            raise ConfigError(
                f"table {name} of sys_info has no index on jdp_modified: every window would read all of "
                "it; create the index, or have the platform do so"
            )
        self._names["table"] = f"`{name}`"
        return True

    def is_empty(self) -> bool:
        """Return whether there is no row at all, or no table."""
        return not self._rows("any", {})

    def has_seller(self, nick: str) -> bool:
        """Return whether a seller has any row."""
        return bool(self._rows("of_seller", {"nick": nick}))

    def sellers(self, most: int) -> list[str]:
        """Return sellers that have rows, at most so many."""
        found: list[str] = []
        while len(found) < most and (
            rows := self._rows("next_seller", {"after": found[-1] if found else ""})
        ):
            found.append(rows[0][0])
        return found

    def now(self) -> datetime:
        """Return the time of the RDS's own clock, which sets jdp_modified."""
        return from_local_time(query(self.session, "sys_info/now")[0]["now"])

    def pages(self, window: Window) -> Iterator[list[SourceRow]]:
        """Yield the rows of a window in the order of jdp_modified and key, a page at a time."""
        for rows in self._paged("page", window, self.page_rows, modified=2):
            yield [_source_row(*row) for row in rows]

    def listing(self, window: Window) -> Iterator[list[Listed]]:
        """Yield the same rows without jdp_response."""
        for rows in self._paged("listing", window, self.page_rows * _LISTED_PER_ROW, modified=1):
            yield [_listed(*row) for row in rows]

    def end_of_first(self, rows: int, window: Window) -> datetime:
        """Return where so many rows of a window end, between two seconds; the window's end where it has no more."""
        return next((chunk.end for chunk in self.chunks(window, rows)), window.end)

    def by_keys(self, keys: Sequence[int]) -> list[SourceRow]:
        """Return the existing rows of these keys, whenever they were changed."""
        rows = self._rows("by_keys", {"keys": tuple(keys)}, as_bytes=True) if keys else []
        return [self._with_time(_source_row(*row)) for row in rows]

    def versions(self, keys: Sequence[int]) -> dict[int, Listed]:
        """Return key and version of the given keys that exist now."""
        rows = self._rows("versions", {"keys": tuple(keys)}) if keys else []
        return {row[0]: _listed(*row) for row in rows}

    def without_time(self) -> Iterator[list[Listed]]:
        """Yield the rows that are in no window, since their jdp_modified is NULL or 0000-00-00; many at once."""
        size = self.page_rows * _LISTED_PER_ROW
        for no_time in (None, 0):
            after_key = _NO_KEY
            while rows := self._rows(
                "without_time", {"no_time": no_time, "after_key": after_key, "rows": size}
            ):
                yield [_listed(*row) for row in rows]
                after_key = rows[-1][0]

    def chunks(self, window: Window, rows: int) -> Iterator[Window]:
        """Cut a window between seconds into chunks of at most so many rows, or of one second; reads only an index."""
        start = window.start
        while start < window.end:
            place = {"start": local_time(start), "end": local_time(window.end), "rows": rows}
            found = self._rows("edge", place)
            edge = from_local_time(found[0][0]).replace(microsecond=0) if found else window.end
            end = max(edge, start + SECOND)
            yield Window(start, end)
            start = end

    def tally(self, window: Window) -> Tally:
        """Let the source itself count a window, for which it only reads an index."""
        return self._counted("tally", window)

    def version_tally(self, window: Window) -> Tally:
        """Do the same over all columns that distinguish versions of a row; this reads the rows themselves."""
        return self._counted("digest", window)

    def oldest(self) -> datetime | None:
        """Return the time of change of the oldest row; None where there is none."""
        rows = self._rows("oldest", {})
        return from_local_time(rows[0][0]).replace(microsecond=0) if rows and rows[0][0] else None

    def stamps(self) -> tuple[datetime | None, timedelta | None]:
        """Return the newest jdp_modified, and how much earlier it is than the own times of the newest records."""
        [(newest, early)] = self._rows("stamps", {}) or [(None, None)]
        return newest and from_local_time(newest), None if early is None else timedelta(seconds=int(early))

    def _counted(self, name: str, window: Window) -> Tally:
        rows = self._rows(name, {"start": local_time(window.start), "end": local_time(window.end)})
        return Tally(int(rows[0][0]), sum_of([int(rows[0][1])])) if rows else Tally(0, 0)

    def _paged(self, name: str, window: Window, size: int, *, modified: int) -> Iterator[Sequence[Fetched]]:
        """Yield pages; each continues behind the last row's time in the source, to the microsecond.

        :param modified: the position of that time in a row
        """
        after: Any = local_time(window.start)
        after_key = _NO_KEY
        while True:
            place = {"after": after, "after_key": after_key, "end": local_time(window.end), "rows": size}
            rows = self._rows(name, place, as_bytes=name == "page")
            if rows:
                yield rows
            if len(rows) < size:
                return
            after, after_key = _text(rows[-1][modified]), rows[-1][0]

    def _with_time(self, row: SourceRow) -> SourceRow:
        return row if row.modified else row._replace(modified=changed_at(row.response, self.table))

    def _rows(self, name: str, values: Values, *, as_bytes: bool = False) -> Sequence[Fetched]:
        """Return rows; only small columns become text here, since the decoder of answers takes bytes."""
        if not self._names:
            return ()
        given = {**values, "sellers": self.row_filter.sellers, "statuses": self.row_filter.statuses}
        form = texts_as_bytes if as_bytes else nullcontext
        with faults_of(self.conn_id):
            return in_place(lambda: self._ask(self.text(name), given, form), self._is_lost)

    def _ask(self, sql: str, values: Values, form: Form) -> Sequence[Fetched]:
        """Ask in a session that may be a new one: each statement itself contains where it continues."""
        if self._gone:
            reopen(self.session, self.conn_id)
            self._gone = False
        with form(self.session), self.session.cursor() as cursor:
            cursor.execute(sql, values)
            return tuple(cursor.fetchall())

    def _is_lost(self, error: BaseException) -> bool:
        self._gone = isinstance(error, Exception) and is_gone(self.session)
        return self._gone

    def text(self, name: str) -> str:
        """Return one of the reader's statements for this table."""
        table = self.table
        parts = {"of_sellers": self.row_filter.sellers, "in_statuses": self.row_filter.statuses}
        row_filter = "".join(
            f"\n{statement(f'sys_info/{part}', 'mysql')}"
            for part, given in parts.items()
            if given is not None
        )
        names = {
            "table": self._names["table"], "key": table.key, "created": table.created,
            "deleted": table.deleted or "NULL", "seller": table.seller, "status": table.status,
            "modified": table.modified,
        }  # fmt: skip
        return statement(f"sys_info/{name}", "mysql").format(row_filter=row_filter.format(**names), **names)


def _source_row(
    key: int, created: Any, modified: Any, hashcode: Any, deleted: Any, response: Any
) -> SourceRow:
    return SourceRow(key, created and _shown(created), _shown(modified), _text(hashcode), deleted, response)


def _listed(key: int, modified: str | None, hashcode: str | None) -> Listed:
    return Listed(key, _shown(modified), hashcode)


def _shown(moment: bytes | str | None) -> str:
    """Return a time in milliseconds, as the warehouse has it.

    >>> _shown("2026-11-22 10:00:00.250999"), _shown(b"2026-11-22 10:00:00.000"), _shown("0000-00-00 00:00:00")
    ('2026-11-22 10:00:00.250', '2026-11-22 10:00:00', '')
    """
    text = _text(moment)
    if not text or text.startswith("0000-00-00"):
        return ""
    return text if len(text) == _SECONDS else text[:23].ljust(23, "0").removesuffix(".000")


def _text(value: bytes | str | None) -> str | None:
    return value.decode() if isinstance(value, bytes) else value

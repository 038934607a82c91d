"""The stage in MySQL or MariaDB: LOAD DATA LOCAL from a file of JSON lines."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta, timezone
from functools import partial
from itertools import groupby
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, cast

import msgspec

from retail_pipeline.databases.statements import statement
from retail_pipeline.databases.target_session import query_text, refusals
from retail_pipeline.tables.batches import Batch, Chunk
from retail_pipeline.tables.column_values import Values
from retail_pipeline.tables.description import Table
from retail_pipeline.tables.stage import Stage
from retail_pipeline.tables.table_statements import MYSQL, stage

if TYPE_CHECKING:
    from retail_pipeline.databases.local_file import GuardedConnection

_ENCODER = msgspec.json.Encoder()
_NUMBERS = {None: None, True: 1, False: 0}
_NULL = msgspec.Raw(rb"\N")
# JSON's escapes of control characters that LOAD DATA reads otherwise; \\ is matched so that its second \ begins none.
_ESCAPES = re.compile(rb"\\(\\|f|u00[0-9a-f]{2})")


def json_lines(columns: Sequence[Values]) -> bytes:
    """Return rows as lines that the load statement reads: ``["text",1,\\N]``."""
    marked = [
        [_NULL if value is None else value for value in values] if None in values else values
        for values in columns
    ]
    lines = _ENCODER.encode_lines(zip(*marked, strict=True))
    if b"\\u00" in lines or b"\\f" in lines:
        lines = _ESCAPES.sub(_plain, lines)
    return lines


def _plain(escape: re.Match[bytes]) -> bytes:
    """Return a control character as LOAD DATA wants it: as itself, NUL as its own escape."""
    code = escape[1]
    if code == b"\\":
        return escape[0]
    number = 12 if code == b"f" else int(code[1:], 16)
    return rb"\0" if number == 0 else bytes([number])


def flags_as_numbers(table: Table, names: Sequence[str], columns: Sequence[Values]) -> list[Values]:
    """Return columns for a database that has no booleans."""
    return [
        [_NUMBERS[value] for value in values] if name in table.flags else values
        for name, values in zip(names, columns, strict=True)
    ]


class MySqlStage(Stage):
    """The stage of one MySQL session."""

    statements = MYSQL

    as_sent = staticmethod(flags_as_numbers)
    lines = staticmethod(json_lines)
    zone = timezone(timedelta(hours=8))  # it stores local times without a zone, and knows no summer time
    count_tells_new = True
    count_tells_refused = False  # and LOAD DATA would replace rows that are there

    def _replace_children(self, values: dict[str, int], *, all_new: bool) -> None:
        """Insert the children of new heads; if lines are left of a head that was deleted by hand, replace them."""
        super()._replace_children(values, all_new=all_new and not self._lines_are_left())

    def _lines_are_left(self) -> bool:
        questions = (self.statements.lines_there(self._family, child) for child in self._family.children)
        return any(query_text(self._session, question) for question in questions)

    def _load_batch(self, batch: Batch, into: Callable[[Table], str] = stage) -> None:
        for table in self._family:
            for names, chunks in groupby(batch[table.name], lambda chunk: chunk.names):
                self._load(table, partial(self.statements.load, into(table), names), chunks)

    def _load(self, table: Table, load_data: Callable[[str], str], chunks: Iterable[Chunk]) -> None:
        """Send rows from a file without a name: it is gone when this process ends, however it ends."""
        session = cast("GuardedConnection", self._session)
        with TemporaryFile() as file:
            file.writelines(chunk.lines for chunk in chunks)
            name = f"/dev/fd/{file.fileno()}"
            file.seek(0)  # also writes what is still in the buffer
            with refusals(table.name), session.cursor() as cursor:
                with session.offering(name):
                    cursor.execute(load_data(session.escape(name)))
                cursor.execute(statement("sinks/warnings", "mysql"))
                for _, code, words in cursor.fetchall():
                    raise session.DataError(code, words)  # a value that it would change counts as refused

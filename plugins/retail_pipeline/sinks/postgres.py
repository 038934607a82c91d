"""The stage in PostgreSQL: COPY from JSON lines, which are CSV once their brackets are off."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, cast

import msgspec

from retail_pipeline.column_values import Values
from retail_pipeline.errors import CheckFailed
from retail_pipeline.sinks.stage import Batch, Chunk, Stage
from retail_pipeline.sinks.table_statements import POSTGRES, stage
from retail_pipeline.table_description import Table

if TYPE_CHECKING:
    import psycopg

_ENCODER = msgspec.json.Encoder()
# In CSV only \" and \\ are escapes; \\ is matched so that none is seen within it.
_ESCAPES = re.compile(rb"\\(\\|b|f|n|r|t|u00[0-9a-f]{2})")
_CONTROL = re.compile(rb"\\[bfnrtu]")
_CONTROLS = {b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t"}


def csv_lines(columns: Sequence[Values]) -> bytes:
    """Return rows as lines that the copy statement reads: ``"text",1,null``."""
    lines = _ENCODER.encode_lines(list(zip(*columns, strict=True)))
    # A line end is nowhere but between rows: within texts it is an escape.
    lines = lines[1:-2].replace(b"]\n[", b"\n") + b"\n"
    return _ESCAPES.sub(_plain, lines) if _CONTROL.search(lines) else lines


def _plain(escape: re.Match[bytes]) -> bytes:
    code = escape[1]
    if code == b"\\":
        return escape[0]
    return _CONTROLS.get(code) or bytes([int(code[1:], 16)])


def _where(fault: psycopg.Error) -> str:
    """Name the column: the server's own words would quote the value, which may be personal."""
    column = re.search(r"column (\w+)", fault.diag.context or "")
    return f"{fault.diag.column_name or (column[1] if column else 'of some column')} ({fault.sqlstate})"


class PostgresStage(Stage):
    """The stage of one PostgreSQL session."""

    statements = POSTGRES

    lines = staticmethod(csv_lines)
    flags_are_numbers = False
    count_tells_new = False
    count_tells_refused = True

    def _load_batch(self, batch: Batch, into: Callable[[Table], str] = stage) -> None:
        for table in self._family:
            for names, chunks in groupby(batch[table.name], lambda chunk: chunk.names):
                self._load(table, self.statements.load(into(table), names), chunks)

    def _load(self, table: Table, copy_in: str, chunks: Iterable[Chunk]) -> None:
        import psycopg

        session = cast("psycopg.Connection[tuple[object, ...]]", self._session)
        with session.cursor() as cursor:
            try:
                with cursor.copy(copy_in.encode()) as copy:
                    for chunk in chunks:
                        copy.write(chunk.lines)
            except (psycopg.DataError, psycopg.IntegrityError) as fault:
                raise CheckFailed(f"{table.name}: the database refuses a value: {_where(fault)}") from None

"""The stage in PostgreSQL: COPY from JSON lines, which are CSV once their brackets are removed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any, cast

import msgspec

from retail_pipeline.business_time import SHANGHAI
from retail_pipeline.databases.statements import statement
from retail_pipeline.databases.target_session import attempt, change, query_text, refusals
from retail_pipeline.errors import ValueRefused
from retail_pipeline.tables.batches import Batch, Chunk
from retail_pipeline.tables.column_values import Values
from retail_pipeline.tables.description import Table
from retail_pipeline.tables.stage import First, Proof, Stage
from retail_pipeline.tables.table_statements import POSTGRES, WINDOW_ID, itself, stage

if TYPE_CHECKING:
    import psycopg

# Shanghai's offset has been constant since 1992; with the zone's name the server needs twice the time.
_OFFSET, _SINCE, _BEFORE = "+08", "1992", " Asia/Shanghai"
_ENCODER = msgspec.json.Encoder()
# In CSV only \" and \\ are escapes; \\ is matched so that its second \ begins none.
_ESCAPES = re.compile(rb"\\(\\|b|f|n|r|t|u00[0-9a-f]{2})")
_CONTROL = re.compile(rb"\\[bfnrtu]")
_CONTROLS = {b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t"}


def json_lines(columns: Sequence[Values]) -> bytes:
    """Return rows as lines of JSON: ``["text",1,null]``."""
    return _ENCODER.encode_lines(zip(*columns, strict=True))


def csv_lines(lines: bytes, end: bytes = b"") -> bytes:
    """Return lines of JSON as the copy statement reads them: ``"text",1,null``.

    :param end: appended to every line, for example ``,7``
    """
    # A line end occurs only between rows: within texts it is an escape.
    lines = (end + b"\n").join([line[1:-1] for line in lines.split(b"\n")])
    return _ESCAPES.sub(_plain, lines) if _CONTROL.search(lines) else lines


def _plain(escape: re.Match[bytes]) -> bytes:
    code = escape[1]
    if code == b"\\":
        return escape[0]
    return _CONTROLS.get(code) or bytes([int(code[1:], 16)])


def times_with_offset(table: Table, names: Sequence[str], columns: Sequence[Values]) -> list[Values]:
    """Return columns whose times name Shanghai's offset or zone, so that the session's zone does not matter."""
    return [
        [value and value + (_OFFSET if value >= _SINCE else _BEFORE) for value in values]
        if name in table.moments
        else values
        for name, values in zip(names, columns, strict=True)
    ]


class PostgresStage(Stage):
    """The stage of one PostgreSQL session."""

    statements = POSTGRES

    as_sent = staticmethod(times_with_offset)
    lines = staticmethod(json_lines)
    zone = SHANGHAI
    count_tells_new = False
    count_tells_refused = True

    def publish(self, window_id: int, first: First = lambda _keys: None) -> Proof:
        """Publish as every stage does, and check constraints at once: nothing is left for the commit to refuse."""
        self.wait()
        change(self._session, statement("sinks/constraints", "postgres"))
        return super().publish(window_id, first)

    def _publish_new(self, window_id: int) -> Proof | None:
        """Copy the rows in memory straight into their tables, unless these have some of them."""
        import psycopg

        keys = self._keys_by_column()
        if self._staged or query_text(self._session, self.statements.present(self._family), keys):
            return None
        try:
            with attempt(self._session):
                self._copy(self._family.head, self._batch[self._family.head.name], window_id)
                self._load_batch({**self._batch, self._family.head.name: []}, itself)
        except (ValueRefused, psycopg.errors.DeadlockDetected):
            return None  # other sessions insert some of it just now; the stage finds any other fault, too
        self._begin_batch()
        self._given = keys
        return self._proof(self.statements.proof_of_new(self._family), {**keys, "window_id": window_id})

    def _keys_by_column(self) -> dict[str, Any]:
        """Return the keys column by column; numbers as the text of an array: the driver takes a tenth of the time."""
        columns = {name: [key[at] for key in self._keys] for at, name in enumerate(self._family.head.key)}
        return {
            name: f"{{{','.join(map(str, values))}}}" if isinstance(values[0], int) else values
            for name, values in columns.items()
            if values
        } or columns

    def _copy(self, head: Table, chunks: Iterable[Chunk], window_id: int) -> None:
        for names, same in groupby(chunks, lambda chunk: chunk.names):
            copy_in = self.statements.load(head.name, (*names, WINDOW_ID))
            self._load(head, copy_in, same, b",%d" % window_id)

    def _load_batch(self, batch: Batch, into: Callable[[Table], str] = stage) -> None:
        for table in self._family:
            for names, chunks in groupby(batch[table.name], lambda chunk: chunk.names):
                self._load(table, self.statements.load(into(table), names), chunks)

    def _load(self, table: Table, copy_in: str, chunks: Iterable[Chunk], end: bytes = b"") -> None:
        session = cast("psycopg.Connection[tuple[object, ...]]", self._session)
        with refusals(table.name), session.cursor() as cursor, cursor.copy(copy_in.encode()) as copy:
            for chunk in chunks:
                copy.write(csv_lines(chunk.lines, end))

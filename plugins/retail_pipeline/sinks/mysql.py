"""Rows into MySQL or MariaDB: staged in the session's own tables while they come, published in one transaction.

Staging is a bulk load of JSON lines (an encoder in C writes what LOAD DATA reads). Publishing is one guarded upsert
for the heads, and the replacement of the children of those that were taken.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import msgspec

from retail_pipeline.column_values import Values
from retail_pipeline.errors import CheckFailed, ConfigError
from retail_pipeline.mysql_session import REFUSED_VALUE, query_text
from retail_pipeline.sinks import mysql_statements as statements
from retail_pipeline.statements import statement
from retail_pipeline.table_description import Table, TableFamily

if TYPE_CHECKING:
    import pymysql

_ENCODER = msgspec.json.Encoder()
_NULL = msgspec.Raw(rb"\N")
# JSON's escapes of control characters that LOAD DATA reads otherwise; \\ is matched so that none is seen within it.
_ESCAPES = re.compile(rb"\\(\\|f|u00[0-9a-f]{2})")


@dataclass(frozen=True)
class Proof:
    """What the target has of the heads that were staged.

    :param staged: how many there were
    :param arrived: in the table in the version that was staged; ``checksum`` of their keys and versions
    :param refused: the table has a newer version; ``refused_checksum`` of what was staged
    :param missing: what the source finds those by that are not there, the first thousand
    """

    staged: int
    arrived: int
    arrived_checksum: int
    refused: int
    refused_checksum: int
    missing: list[str]


Lines = dict[str, list[bytes]]


class MySqlStage:
    """The stage of one session for one family of tables. Not thread-safe.

    A batch is loaded by a thread of the stage's own while the next one is made ready; never more than one.

    :param batch_rows: heads that are loaded into the stage at once
    """

    def __init__(self, connection: pymysql.Connection[Any], family: TableFamily, *, batch_rows: int) -> None:
        self._connection = connection
        self._family = family
        self._batch_rows = batch_rows
        self._thread = ThreadPoolExecutor(1, "stage")
        self._loading: Future[None] | None = None
        self._forget()
        for table in family:
            self._run(statements.create_stage(table))

    def add(self, table: Table, columns: Sequence[Values]) -> None:
        """Take rows, column by column; they are loaded when enough of them have come."""
        if columns and columns[0]:
            self._lines[table.name].append(json_lines(columns))
            if table is self._family.head:
                self._heads += len(columns[0])

    def load_when_full(self) -> None:
        """Load what has come if it is a batch, once the batch before is in.

        :raises CheckFailed: the database would have changed a value of the batch before
        """
        if self._heads >= self._batch_rows:
            self._wait()
            self._loading = self._thread.submit(self._load_all, self._lines)
            self._forget()

    def load(self) -> None:
        """Load all that has come into the stage.

        :raises CheckFailed: the database would have changed a value; nothing that it changed is ever published
        """
        self._wait()
        self._load_all(self._lines)
        self._forget()

    def clear(self) -> None:
        """Forget everything that was staged."""
        with suppress(CheckFailed):
            self._wait()
        for table in self._family:
            self._run(statements.empty_stage(table))
        self._forget()

    def close(self) -> None:
        """Wait for what is being loaded, whatever comes of it: the session is free afterwards."""
        self._thread.shutdown()

    def publish(self, window_id: int) -> Proof:
        """Bring the staged rows into their tables; the caller has begun the transaction and commits it.

        :param window_id: certificate that the rows will name as their origin; new for each call
        """
        self.load()
        family, values = self._family, {"window_id": window_id}
        staged = query_text(self._connection, statements.count(family))[0]["count"]
        # Counted by the upsert itself: other sessions may have brought the same heads a moment ago.
        all_new = self._run(statements.upsert_head(family), values) == staged
        for child in family.children:
            if not all_new:
                self._run(statements.delete_children(family, child), values)
            self._run(statements.insert_children(family, child), values)
        return self._proof()

    def _proof(self) -> Proof:
        found = query_text(self._connection, statements.proof(self._family), {})[0]
        facts = {name: int(value) for name, value in found.items()}
        there = facts["arrived"] + facts["refused"] == facts["staged"]
        rows = [] if there else query_text(self._connection, statements.missing(self._family))
        return Proof(**facts, missing=[row["missing"] for row in rows])

    def _forget(self) -> None:
        self._lines: Lines = {table.name: [] for table in self._family}
        self._heads = 0

    def _wait(self) -> None:
        loading, self._loading = self._loading, None
        if loading:
            loading.result()

    def _load_all(self, batch: Lines) -> None:
        with TemporaryDirectory(prefix="retail-") as folder:
            for table in self._family:
                if lines := batch[table.name]:
                    self._load(table, lines, Path(folder) / "rows.jsonl")

    def _load(self, table: Table, lines: Sequence[bytes], file: Path) -> None:
        with file.open("wb") as out:
            out.writelines(lines)
        with self._connection.cursor() as cursor:
            try:
                cursor.execute(statements.load(table, str(file)))
            except self._connection.Error as fault:
                if fault.args[0] not in REFUSED_VALUE:
                    raise
                raise CheckFailed(f"{table.name}: the database refuses a value: {fault.args[1]}") from fault
            cursor.execute(statement("sinks/mysql/warnings"))
            if warnings := cursor.fetchall():
                raise CheckFailed(f"{table.name}: the database would change a value: {warnings[0][-1]}")

    def _run(self, sql: str, values: dict[str, Any] | None = None) -> int:
        with self._connection.cursor() as cursor:
            return int(cursor.execute(sql, values))


def json_lines(columns: Sequence[Values]) -> bytes:
    """Return rows as lines that the load statement reads: ``["text",1,\\N]``."""
    marked = [
        [_NULL if value is None else value for value in values] if None in values else values
        for values in columns
    ]
    lines = _ENCODER.encode_lines(list(zip(*marked, strict=True)))
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


def ensure_tables(connection: pymysql.Connection[Any], family: TableFamily) -> list[str]:
    """Create what is missing of a family's tables and columns; return what was done, a line each.

    :raises ConfigError: a table of that name has another primary key
    """
    done = []
    for table in family:
        is_head = table is family.head
        found = query_text(connection, statement("sinks/mysql/described"), {"table": table.name})
        key = {row["name"] for row in found if row["in_key"]}
        if found and key != set(table.key):
            raise ConfigError(
                f"table {table.name} has primary key ({', '.join(sorted(key))}), needed is "
                f"({', '.join(table.key)}): rename the table, then run `retail schema apply` again"
            )
        ddl = statements.add_columns(table, {row["name"] for row in found}, is_head=is_head)
        for text in ddl if found else [statements.create_table(table, is_head=is_head)]:
            with connection.cursor() as cursor:
                cursor.execute(text)
        done.append(f"{table.name}: {f'{len(ddl)} columns added' if found else 'created'}")
    return done

"""Records as rows of sys_info, written many at a time."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from pymysql.connections import Connection
from pymysql.cursors import Cursor

from sandbox.business_clock import time_text
from sandbox.sys_info.tables import TABLES
from sandbox.taobao.press import Record

Row = dict[str, Any]


def row_of(record: Record) -> Row:
    table, life = TABLES[record.kind], record.life
    response = record.answer()
    return {
        table.key: record.number,
        **record.columns,
        table.created: time_text(life.created),
        table.modified: time_text(life.modified),
        table.jdp_created: time_text(min(life.created + 2, life.pushed)),
        "jdp_modified": time_text(life.pushed),
        "jdp_hashcode": hashcode(response),
        "jdp_response": response,
    }


def hashcode(response: bytes) -> str:
    """A signed number of 32 bits as text, as in real rows; how it is computed there is not known."""
    return str(int.from_bytes(zlib.crc32(response).to_bytes(4, "big"), "big", signed=True))


def insert_rows(connection: Connection[Cursor], name: str, rows: Sequence[Row]) -> None:
    """All in one statement; they have the same columns. Text is escaped here: the driver takes ten times as long."""
    texts = [b"(%b)" % b",".join(map(_literal, row.values())) for row in rows]
    columns = ",".join(f"`{column}`" for column in rows[0])
    connection.query(b"INSERT INTO `%b` (%b) VALUES %b" % (name.encode(), columns.encode(), b",".join(texts)))


def update_row(
    connection: Connection[Cursor], name: str, key: str, number: int, row: Mapping[str, Any]
) -> None:
    changes = b",".join(b"`%b`=%b" % (column.encode(), _literal(value)) for column, value in row.items())
    connection.query(b"UPDATE `%b` SET %b WHERE `%b`=%d" % (name.encode(), changes, key.encode(), number))


def _literal(value: Any) -> bytes:
    if value is None:
        return b"NULL"
    if isinstance(value, int):
        return b"%d" % value
    return _quoted(value) if isinstance(value, bytes) else _quoted_word(value)


@lru_cache(maxsize=4096)
def _quoted_word(text: str) -> bytes:
    return _quoted(text.encode())


def _quoted(text: bytes) -> bytes:
    return b"'%b'" % text.replace(b"\\", b"\\\\").replace(b"'", b"\\'")

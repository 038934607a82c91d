"""Reads the window page by page: each begins behind the last row of the one before, never by counting rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote, urlsplit

import pymysql
from pymysql.connections import Connection
from pymysql.cursors import Cursor

from bench.sys_info_load.job import SOURCE, SysInfoLoad, url

Row = tuple[int, Any, str, str]  # tid, jdp_modified, jdp_hashcode, jdp_response
_PAGE = """
    SELECT tid, jdp_modified, jdp_hashcode, jdp_response
      FROM jdp_tb_trade
     WHERE jdp_modified >= %(after)s AND jdp_modified < %(end)s AND (jdp_modified > %(after)s OR tid > %(tid)s)
     ORDER BY jdp_modified, tid
     LIMIT %(size)s
"""


def open_source() -> Connection[Cursor]:
    parts = urlsplit(url(SOURCE))
    return pymysql.connect(
        host=parts.hostname,
        port=parts.port or 3306,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        database=parts.path.lstrip("/"),
        charset="utf8mb4",
        autocommit=True,
    )


def pages(connection: Connection[Cursor], job: SysInfoLoad, size: int) -> Iterator[tuple[Row, ...]]:
    after: Any = job.start
    tid = 0
    with connection.cursor() as cursor:
        while True:
            cursor.execute(_PAGE, {"after": after, "tid": tid, "end": job.end, "size": size})
            page: tuple[Row, ...] = cursor.fetchall()
            if page:
                yield page
            if len(page) < size:
                return
            tid, after = page[-1][:2]

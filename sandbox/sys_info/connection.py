"""A connection from a URL, with Beijing's time and nothing waiting for a commit that was not asked for."""

from __future__ import annotations

import os
from urllib.parse import unquote, urlsplit

import pymysql
from pymysql.connections import Connection
from pymysql.cursors import Cursor

# Zero dates may be written, as old rows of MySQL have them. Who wants to empty a table that an open transaction
# uses is told so after a while; the server's own patience is a day.
_SESSION = "SET time_zone = '+08:00', sql_mode = 'STRICT_TRANS_TABLES', lock_wait_timeout = 20"


def connect(url: str) -> Connection[Cursor]:
    """mysql://user:password@host:port/sys_info; without a password that of MYSQL_PWD, which no command line shows."""
    parts = urlsplit(url)
    connection = pymysql.connect(
        host=parts.hostname or "127.0.0.1",
        port=parts.port or 3306,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or "") or os.environ.get("MYSQL_PWD", ""),
        database=parts.path.lstrip("/"),
        charset="utf8mb4",
        autocommit=False,
        init_command=_SESSION,
    )
    with connection.cursor() as cursor:
        # so that no gap is locked between what a late commit holds and what the next step writes
        cursor.execute("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED")
    return connection

"""The six tables of sys_info: how they are called here, which column knows what, and a connection to them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import pymysql
from pymysql.connections import Connection
from pymysql.cursors import Cursor

from sandbox.taobao.kinds import EXCHANGE, FX, ITEM, JX, REFUND, TRADE

if TYPE_CHECKING:
    from pymysql.connections import Connection
    from pymysql.cursors import Cursor

DDL = Path(__file__).parents[1] / "sys_info_tables.sql"


@dataclass(frozen=True, slots=True)
class Table:
    key: str
    status: str = "status"
    created: str = "created"
    modified: str = "modified"
    jdp_created: str = "jdp_created"


TABLES = {
    TRADE: Table("tid"),
    REFUND: Table("refund_id"),
    ITEM: Table("num_iid", status="approve_status"),
    FX: Table("fenxiao_id"),
    JX: Table("dealer_order_id", status="order_status", created="applied_time", modified="modified_time"),
    EXCHANGE: Table("dispute_id", jdp_created="jdp_create"),
}


@dataclass(frozen=True, slots=True)
class Naming:
    """Names of tables are case-sensitive in MySQL on Linux. The prefix is for tests that want tables of their own."""

    upper: bool = False
    prefix: str = ""

    def of(self, table: str) -> str:
        name = f"{self.prefix}{table}"
        return name.upper() if self.upper else name


def create(connection: Connection[Cursor], naming: Naming, only: Iterable[str] = TABLES) -> None:
    """Those that are missing."""
    for statement in DDL.read_text(encoding="utf-8").split(";\n"):
        named = re.search(r"`(\w+)`", statement)
        if named and named[1] in only:
            _run(connection, statement.replace(named[0], f"`{naming.of(named[1])}`"))


def empty(connection: Connection[Cursor], naming: Naming) -> None:
    for table in TABLES:
        _run(connection, f"TRUNCATE `{naming.of(table)}`")


def drop(connection: Connection[Cursor], naming: Naming) -> None:
    for table in TABLES:
        _run(connection, f"DROP TABLE IF EXISTS `{naming.of(table)}`")


def _run(connection: Connection[Cursor], statement: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(statement)


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

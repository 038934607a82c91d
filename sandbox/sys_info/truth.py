"""What sys_info holds now, read without any code of a loader: what a load must have in the end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, NamedTuple

from pymysql.connections import Connection
from pymysql.cursors import Cursor, DictCursor, SSDictCursor

from sandbox.record_json import load
from sandbox.sys_info.tables import TABLES, Naming
from sandbox.taobao.kinds import FX, ITEM, JX, TRADE, Content, records_in

# The lists of a record that have rows of their own in a warehouse: list, element, and what tells elements apart.
_LISTS = {
    TRADE: (("orders", "order", "oid"), ("promotion_details", "promotion_detail", "promotion_id")),
    ITEM: (("skus", "sku", "sku_id"),),
    FX: (("sub_purchase_orders", "sub_purchase_order", "id"),),
    JX: (("dealer_order_details", "dealer_order_detail", "dealer_detail_id"),),
}


class Expected(NamedTuple):
    """Of one row. `children` are the keys in each list of its record; None where there is no record in the answer."""

    jdp_modified: datetime
    jdp_hashcode: str
    deleted: bool
    children: dict[str, tuple[Any, ...]] | None


def truth(
    connection: Connection[Cursor], naming: Naming | None = None, only: Iterable[str] = TABLES
) -> dict[str, dict[int, dict[str, Any]]]:
    """Of each table its rows by number, whole, all as they are at one moment. What is not committed is not there."""
    naming = naming or Naming()
    found: dict[str, dict[int, dict[str, Any]]] = {}
    with _one_moment(connection), connection.cursor(DictCursor) as cursor:
        for table in only:
            cursor.execute(f"SELECT * FROM `{naming.of(table)}`")
            found[table] = {row[TABLES[table].key]: row for row in cursor.fetchall()}
    return found


def expected(
    connection: Connection[Cursor], naming: Naming | None = None, only: Iterable[str] = TABLES
) -> dict[str, dict[int, Expected]]:
    """Of each table by number what a target must hold, at one moment; without the answers, so for many rows, too."""
    naming = naming or Naming()
    found: dict[str, dict[int, Expected]] = {}
    with _one_moment(connection), connection.cursor(SSDictCursor) as cursor:
        for table in only:
            columns = f"`{TABLES[table].key}` AS number, jdp_modified, jdp_hashcode, jdp_response"
            deleted = "jdp_delete" if table == ITEM else "0"
            cursor.execute(f"SELECT {columns}, {deleted} AS deleted FROM `{naming.of(table)}`")
            found[table] = {row["number"]: _expected(table, row) for row in cursor}
    return found


@contextmanager
def _one_moment(connection: Connection[Cursor]) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute("START TRANSACTION WITH CONSISTENT SNAPSHOT")
    yield
    connection.commit()


def _expected(table: str, row: dict[str, Any]) -> Expected:
    try:
        records = records_in(table, load(row["jdp_response"] or ""))
    except (ValueError, RecursionError):
        records = []
    children = _children(table, records[0]) if records else None
    return Expected(row["jdp_modified"], row["jdp_hashcode"], bool(row["deleted"]), children)


def _children(table: str, record: Content) -> dict[str, tuple[Any, ...]]:
    return {
        name: tuple(child[key] for child in (record.get(name) or {}).get(element, ()))
        for name, element, key in _LISTS.get(table, ())
    }

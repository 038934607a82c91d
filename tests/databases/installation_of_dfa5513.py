"""An installation as it was at commit dfa5513: the schema that was made then, with a row in every table.

``schema_of_dfa5513/`` has what ``retail schema apply`` made then. The rows stand for what is under way when somebody
upgrades: orders half sent, a window that is incomplete, alerts that no channel took.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from retail_pipeline.databases.migrations import LEDGER
from retail_pipeline.databases.target_session import change, dialect, query_text
from tests.order_push.orders import NOON, ShopOrders

if TYPE_CHECKING:
    from retail_pipeline.databases.target_session import Session

OLD = Path(__file__).parent / "schema_of_dfa5513"
PIPELINE = "wangdiantong_aftersales"
Rows = dict[str, list[dict[str, Any]]]
_TABLES = {
    "postgres": "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY 1",
    "mysql": "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = DATABASE() ORDER BY 1",
}
_COLUMNS = {
    "postgres": """SELECT column_name AS name, udt_name AS type, character_maximum_length AS length
                   FROM information_schema.columns WHERE table_schema = 'public' AND table_name = %(table)s
                   AND is_generated = 'NEVER' AND is_identity = 'NO'""",
    "mysql": """SELECT column_name AS name, data_type AS type, character_maximum_length AS length
                FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = %(table)s
                AND extra NOT LIKE '%%auto_increment%%'""",
}


def make_old(session: Session, name: str) -> None:
    """Make a schema of then."""
    text = (OLD / f"{name}.sql").read_text(encoding="utf-8")
    parts = re.split(r";$", text, flags=re.MULTILINE) if dialect(session) == "mysql" else [text]
    for part in parts:
        if part.strip():
            change(session, part)


def tables_of(session: Session) -> list[str]:
    return [row["name"] for row in query_text(session, _TABLES[dialect(session)]) if row["name"] != LEDGER]


def rows_of(session: Session, like: Rows | None = None) -> Rows:
    """Return every row of every table; where there are earlier ones, only their tables and columns."""
    found = {}
    for table in like or tables_of(session):
        names = _quoted(session, like[table][0]) if like else "*"
        found[table] = sorted(query_text(session, f"SELECT {names} FROM {table}"), key=repr)
    return found


def lost(before: Rows, after: Rows) -> list[str]:
    """Return what is not as it was; what came since is no loss."""
    return [f"{table}: {row}" for table, rows in before.items() for row in rows if row not in after[table]]


def fill_old_store(shop: ShopOrders) -> None:
    """Put orders into a shop's outbox by the functions of then, and days into its reports."""
    for number, states in enumerate((("1150", "1160"), ("1150",), (), ("1150",), ("1150",), (), ()), start=1):
        shop.place(number, *states)
    shop.give_back(1, 5)
    change(shop.store, (OLD / "store_rows.sql").read_text(encoding="utf-8"))


def fill_old_warehouse(session: Session) -> None:
    change(session, (OLD / "warehouse_rows.sql").read_text(encoding="utf-8"))


def fill_old_target(session: Session, account: str) -> None:
    """Put certificates, a watermark and records that were set aside, and a row into each other table."""
    hour = timedelta(hours=1)
    clock = NOON.replace(tzinfo=None) if dialect(session) == "mysql" else NOON
    for ends, verdict in ((3, "failed"), (3, "complete"), (2, "stopped"), (2, "incomplete")):
        row = {
            "account": account, "from": clock - ends * hour, "to": clock - (ends - 1) * hour, "verdict": verdict,
            "pipeline": PIPELINE, "keys": '["TK5"]' if verdict == "incomplete" else None,
        }  # fmt: skip
        change(session, (OLD / "window.sql").read_text(encoding="utf-8"), row)
    watermark = "INSERT INTO etl_watermark VALUES (%(pipeline)s, %(account)s, %(mark)s, %(mark)s)"
    change(session, watermark, {"pipeline": PIPELINE, "account": account, "mark": clock - 2 * hour})
    for number, state in ((1, "open"), (2, "replayed")):
        raw = f'{{"refund_id":{number},"refund_no":""}}'
        row = {
            "pipeline": PIPELINE, "account": account, "key": str(number), "raw": raw, "state": state, "now": clock,
            "hash": hashlib.sha256(f"{number}|{raw}".encode()).digest(),
        }  # fmt: skip
        change(session, (OLD / "quarantine.sql").read_text(encoding="utf-8"), row)
    for table in tables_of(session):
        if not query_text(session, f"SELECT 1 AS one FROM {table}"):
            change(session, *_any_row(session, table))


def _any_row(session: Session, table: str) -> tuple[str, dict[str, Any]]:
    columns = query_text(session, _COLUMNS[dialect(session)], {"table": table})
    values = {row["name"]: _value(row) for row in columns}
    slots = ", ".join(f"%({name})s" for name in values)
    return f"INSERT INTO {table} ({_quoted(session, values)}) VALUES ({slots})", values


def _quoted(session: Session, names: Iterable[str]) -> str:
    quote = "`" if dialect(session) == "mysql" else '"'
    return ", ".join(f"{quote}{name}{quote}" for name in names)


def _value(column: dict[str, Any]) -> Any:
    """Return what a column of its type can hold."""
    kind = column["type"].lower()
    if "json" in kind or kind == "longtext":
        return '{"a": [1, null, "文"]}'
    if "char" in kind or "text" in kind:
        return f"值 of {column['name']}"[: column["length"] or None]
    if "time" in kind:
        return NOON.replace(tzinfo=None) if "tz" not in kind else NOON
    return NOON.date() if kind == "date" else kind.startswith("bool") or 7

"""A family of tables of the tests' own, its rows, and how they are published."""

from __future__ import annotations

from typing import Any

from retail_pipeline.databases.target_session import change, query_text, transaction
from retail_pipeline.tables.column_values import columns_of
from retail_pipeline.tables.description import (
    Table,
    TableFamily,
    bigint,
    json_text,
    long_text,
    moment,
    money,
    text,
)
from retail_pipeline.tables.stage import Proof, Stage
from retail_pipeline.tables.table_statements import stage as stage_of
from retail_pipeline.tables.target_tables import open_stage

Session = Any

KEY = (text("account", 20, required=True), bigint("order_id", required=True))
LINE_NO = bigint("line_no", required=True)
HEAD = Table("probe_order", "", ("account", "order_id"), (
    *KEY, text("number", 40), moment("changed", required=True), text("name", 20), long_text("note"),
    money("amount"), json_text("extra"), bigint("size"),
))  # fmt: skip
LINES = Table("probe_order_line", "", ("account", "order_id", "line_no"), (*KEY, LINE_NO, text("goods", 40)))
PARCEL = Table("probe_order_parcel", "", ("account", "order_id"), (*KEY, text("carrier", 40)))
FAMILY = TableFamily(HEAD, ("changed",), "number", (LINES, PARCEL))
OLD, NEW = "2026-11-23 10:00:00", "2026-11-23 10:00:00.001"


def order(number: int, changed: str = OLD, lines: Any = (), carrier: str = "", **fields: Any) -> Any:
    key = {"account": "a", "order_id": number}
    return {
        HEAD.name: [{**key, "number": f"N{number}", "changed": changed, **fields}],
        LINES.name: [{**key, "line_no": place, "goods": goods} for place, goods in enumerate(lines, 1)],
        PARCEL.name: [{**key, "carrier": carrier}] if carrier else [],
    }


def fill(stage: Stage, *orders: Any) -> Stage:
    for table in FAMILY:
        stage.add(table, columns_of(table, [row for each in orders for row in each[table.name]]))
    return stage


def publish(session: Session, window_id: int, *orders: Any) -> Proof:
    stage = fill(open_stage(session, FAMILY, batch_rows=3), *orders)
    with transaction(session):
        proof = stage.publish(window_id)
    for table in FAMILY:
        change(session, f"DROP TABLE {stage_of(table)}")
    return proof


def content(session: Session) -> dict[int, tuple[Any, ...]]:
    """By order: name, lines, carrier, certificate."""
    found = {}
    for row in query_text(session, "SELECT * FROM probe_order ORDER BY order_id"):
        of = f"WHERE order_id = {row['order_id']}"
        lines = query_text(session, f"SELECT goods FROM probe_order_line {of} ORDER BY line_no")
        parcel = query_text(session, f"SELECT carrier FROM probe_order_parcel {of}")
        goods, carriers = [line["goods"] for line in lines], [each["carrier"] for each in parcel]
        found[row["order_id"]] = (row["name"], goods, carriers, row["etl_window_id"])
    return found

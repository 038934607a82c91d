"""A family of tables of the tests' own, and its rows."""

from __future__ import annotations

from typing import Any

from retail_pipeline.table_description import (
    Table,
    TableFamily,
    bigint,
    json_text,
    long_text,
    moment,
    money,
    text,
)

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

"""Answers as they lie in jdp_response, written by hand: a record's members as JSON text, the wrapping around it."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from retail_pipeline.errors import RecordRejected
from retail_pipeline.vendors.taobao.rows import Rows, take_apart
from retail_pipeline.vendors.taobao.tables import FEED_TABLES, TB_TRADE, Children, FeedTable

KEY = 1795268209008590040
ORDERS = '"orders":{"order":[{"oid":1}]}'

each_table = pytest.mark.parametrize("table", FEED_TABLES.values(), ids=lambda table: table.name)
each_list = pytest.mark.parametrize(
    ("table", "child"),
    [(table, child) for table in FEED_TABLES.values() for child in table.children],
    ids=lambda value: value.path[0] if isinstance(value, Children) else value.name,
)


def wrapped(table: FeedTable, text: str, root: tuple[str, ...] = ()) -> bytes:
    """Return a whole answer with this text where the record is."""
    for name in reversed(root or table.roots[0]):
        text = f'{{"{name}":{text}}}'
    return text.encode()


def answer(*members: str, table: FeedTable = TB_TRADE, key: Any = KEY) -> bytes:
    """Return the answer with the record of these members, and with what no record may lack."""
    needed = [f'"{table.key}":{json.dumps(key)}']
    lists = {child.path[0] for child in table.children if child.required}
    if not any(member.startswith(f'"{name}"') for name in lists for member in members):
        needed += [ORDERS for _ in lists]
    record = "{" + ",".join([*needed, *members]) + "}"
    return wrapped(table, f"[{record}]" if table.listed else record)


def element(child: Children, number: int = 1, *members: str) -> str:
    """Return an element of a list, which has a number of its own where its table wants one."""
    own = child.table.key[1]
    numbered = [] if own == "line_no" else [f'"{own}":{number}']
    return "{" + ",".join([*numbered, *members]) + "}"


def listed(child: Children, *elements: str) -> str:
    """Return a record's member that is such a list."""
    return f'"{child.path[0]}":{{"{child.path[1]}":[{",".join(elements)}]}}'


def rows_of(*members: str, table: FeedTable = TB_TRADE) -> Rows:
    return take_apart(answer(*members, table=table), table, KEY)


def head_of(*members: str, table: FeedTable = TB_TRADE) -> dict[str, Any]:
    """Return a record's own row without its key."""
    [row] = rows_of(*members, table=table)[table.head.name]
    assert row.pop(table.key) == KEY
    return row


def extra_of(*members: str, table: FeedTable = TB_TRADE) -> Any:
    """Return what is kept of a record beside its columns, its numbers to the last digit."""
    return json.loads(head_of(*members, table=table)["extra"], parse_float=Decimal)


def refusal(raw: bytes | None, table: FeedTable = TB_TRADE, key: int = KEY) -> RecordRejected:
    with pytest.raises(RecordRejected) as caught:
        take_apart(raw, table, key)
    return caught.value

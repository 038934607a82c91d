"""Records as the sandbox pushes them into sys_info, and the fields that they have."""

from __future__ import annotations

import json
from collections import defaultdict

from sandbox.sys_info.fill import Wish, records
from sandbox.taobao.press import Record

TABLES = (
    "jdp_tb_trade",
    "jdp_tb_refund",
    "jdp_tb_item",
    "jdp_fx_trade",
    "jdp_jx_trade",
    "jdp_exchange_refund",
)
_SUNDAY = 1795276800  # the day before the Monday that the tests live on
EVERYTHING = list(records(Wish(500, _SUNDAY, _SUNDAY + 86_400)))


def _fields() -> dict[str, tuple[str, ...]]:
    """All of each table, those that no document tells of among them."""
    found: dict[str, set[str]] = defaultdict(set)
    for record in EVERYTHING:
        found[record.kind].update(json.loads(record.inner))
    return {table: tuple(sorted(names)) for table, names in found.items()}


FIELDS = _fields()


def a_record(table: str, seller: str, *, old_root: bool = False) -> Record:
    """Return the first one of that table and seller."""
    return next(
        record
        for record in EVERYTHING
        if (record.kind, record.seller) == (table, seller)
        and (b'{"item_get_response"' in record.answer()) == old_root
    )

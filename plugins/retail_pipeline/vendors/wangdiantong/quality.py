"""The quality rules of a refund order, all in one place, to be read and changed.

Vendor's numbers: section order[] of aftersales.refund.Refund.search (open.wangdian.cn).
"""

from __future__ import annotations

import re
from typing import Any

from retail_pipeline.tables.column_values import milliseconds
from retail_pipeline.tables.rules import Action, Rule

STATUSES = frozenset({"10", "20", "30", "40", "80", "81", "85", "86", "87", "90"})
TYPES = frozenset({"1", "2", "3", "4", "6"})
_BELOW_ZERO = re.compile(r"-.*[1-9]")
# A text of another form, or the time that means never, is not comparable.
_TIME = re.compile(r"[1-9]\d{3}-")
AMOUNTS = (
    "return_goods_count",
    "guarantee_refund_amount",
    "return_goods_amount",
    "actual_refund_amount",
    "direct_refund_amount",
    "receive_amount",
)


def _missing(value: Any, _record: dict[str, Any]) -> bool:
    return value is None or value == ""


def _negative(value: Any, _record: dict[str, Any]) -> bool:
    return _BELOW_ZERO.match(str(value)) is not None


def _before_created(value: Any, record: dict[str, Any]) -> bool:
    return _later(record.get("created"), value)


def _before_checked(value: Any, record: dict[str, Any]) -> bool:
    return _later(record.get("check_time"), value)


def _later(first: Any, second: Any) -> bool:
    """Return whether one time is later; only times in the same form, text or numbers, are comparable."""
    if type(first) is int and type(second) is int:
        earlier, later = milliseconds(second), milliseconds(first)
        return earlier is not None and later is not None and later > earlier
    if isinstance(first, str) and isinstance(second, str) and _TIME.match(first) and _TIME.match(second):
        return first > second
    return False


RULES = (
    Rule("refund_no_missing", "refund_no", Action.QUARANTINE, _missing),
    Rule("modified_missing", "modified", Action.QUARANTINE, _missing),
    Rule("shop_no_missing", "shop_no", Action.FLAG, _missing),
    Rule("note_count_missing", "note_count", Action.DEFAULT, _missing, default=0),
    Rule("status_unknown", "status", Action.FLAG, lambda value, _: str(value) not in STATUSES),
    Rule("type_unknown", "type", Action.FLAG, lambda value, _: str(value) not in TYPES),
    Rule("modified_before_created", "modified", Action.FLAG, _before_created),
    Rule("checked_before_created", "check_time", Action.FLAG, _before_created),
    Rule("settled_before_checked", "settle_time", Action.FLAG, _before_checked),
    *(Rule(f"{column}_negative", column, Action.FLAG, _negative) for column in AMOUNTS),
)

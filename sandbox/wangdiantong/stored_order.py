"""One after-sales order as the sandbox keeps it: its text ready to be sent, and the little that is searched by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from sandbox.wangdiantong.open_choices import TAOBAO_FAMILY
from sandbox.wangdiantong.record_json import dump, load


class Facts(NamedTuple):
    """As the record has them, whatever type that is."""

    shop_no: Any = None
    status: Any = None
    stockin_status: Any = None
    type: Any = None
    taobao: bool = False


@dataclass(frozen=True, slots=True)
class StoredOrder:
    refund_id: int | None
    stamp: int  # modified, in milliseconds
    text: bytes  # without the wms_code
    wms_code: bytes | None
    refund_no: Any
    facts: Facts
    is_literal: bool = False

    def full_text(self) -> bytes:
        if self.wms_code is None:
            return self.text
        return b'{"wms_code":' + self.wms_code + b"," + self.text[1:]

    def record(self) -> Any:
        """The parsed record; ValueError when it is a text that is no JSON."""
        return load(self.full_text())


def store(refund_id: int | None, stamp: int, order: Mapping[str, Any]) -> StoredOrder:
    rest = {name: value for name, value in order.items() if name != "wms_code"}
    wms_code = dump(order["wms_code"]).encode() if "wms_code" in order else None
    return StoredOrder(
        refund_id, stamp, dump(rest).encode(), wms_code, order.get("refund_no"), facts_of(order)
    )


def store_literal(text: str, stamp: int) -> StoredOrder:
    """Known by its refund_id where it has one, so that it can be replaced."""
    try:
        record = load(text)
    except (ValueError, RecursionError):
        record = None
    fields = record if isinstance(record, dict) else {}
    known = fields.get("refund_id")
    refund_id = known if isinstance(known, int) and not isinstance(known, bool) else None
    return StoredOrder(refund_id, stamp, text.encode(), None, fields.get("refund_no"), facts_of(fields), True)


def facts_of(order: Mapping[str, Any]) -> Facts:
    return Facts(
        shop_no=order.get("shop_no"),
        status=order.get("status"),
        stockin_status=order.get("stockin_status"),
        type=order.get("type"),
        taobao=str(order.get("platform_id")) in map(str, TAOBAO_FAMILY),
    )

"""Prints after-sales orders: each model once as a template, each order by filling in its number and times."""

from __future__ import annotations

from typing import Any

from sandbox.business_clock import time_text
from sandbox.record_json import text_template
from sandbox.wangdiantong.order_book import Facts, StoredOrder, facts_of
from sandbox.wangdiantong.records import MODELS, model

# Neighbouring numbers get far-away models, and 200 numbers in a row get every model.
_STRIDE = 73
# One order in so many has its times as text, as the documentation says.
_TIMES_AS_TEXT = 40


class OrderPress:
    def __init__(self, seed: int, account: str) -> None:
        self._seed = seed
        self._account = account
        self._templates: dict[int, tuple[bytes, bytes, Facts]] = {}

    def order(self, refund_id: int, stamp: int) -> StoredOrder:
        """The order of this number as it looks when it was modified at that millisecond."""
        template, wms_code, facts = self._template(refund_id * _STRIDE % MODELS)
        values = _values(refund_id, stamp)
        refund_no = f"TK{refund_id:011d}"
        return StoredOrder(refund_id, stamp, template % values, wms_code % values, refund_no, facts)

    def _template(self, index: int) -> tuple[bytes, bytes, Facts]:
        if index not in self._templates:
            order = dict(model(self._seed, self._account, index))
            facts = facts_of(order)
            wms_code = text_template(order.pop("wms_code"))
            self._templates[index] = (text_template(order), wms_code, facts)
        return self._templates[index]


def _values(refund_id: int, stamp: int) -> dict[bytes, Any]:
    created = stamp - 1000 * (3600 * (1 + refund_id % 71) + refund_id % 60)
    life = stamp - created
    modified_text, created_text = _text(stamp), _text(created)
    as_text = refund_id % _TIMES_AS_TEXT == 0 and stamp % 1000 == 0
    return {
        b"id": refund_id,
        b"modified": modified_text,
        b"modified_ms": stamp,
        b"modified_value": b'"%b"' % modified_text if as_text else b"%d" % stamp,
        b"created": created_text,
        b"created_value": b'"%b"' % created_text if as_text else b"%d" % created,
        b"check": _text(created + life // 3),
        b"settle": _text(created + life * 2 // 3),
    }


def _text(milliseconds: int) -> bytes:
    return time_text(milliseconds // 1000).encode()

"""Orders and returns as the outbox holds them, and what Youshu would be sent of them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import strategies as st

from retail_pipeline.errors import RecordRejected
from retail_pipeline.pipelines.order_push.order_request import order_element, return_element

NOON = datetime(2026, 11, 23, 4, tzinfo=UTC)
CENTS = st.integers(0, 10**9)
LINES = st.lists(st.tuples(st.integers(1, 99), CENTS), min_size=1, max_size=5)


def yuan(cents: int) -> float | int:
    """Return an amount as a database writes it: without decimals that say nothing."""
    return cents // 100 if cents % 100 == 0 else float(Decimal(cents) / 100)


def order(lines: list[tuple[int, int]], freight: int = 500, discount: int = 100) -> dict[str, Any]:
    """Return an order of lines of so many pieces for so many cents."""
    paid = sum(cents for _, cents in lines) + freight
    listed = paid - freight + discount
    return {
        "external_order_id": "N1",
        "create_time": "1795000000000",
        "order_source": "wxapp",
        "order_type": 1,
        "goods_num_total": sum(count for count, _ in lines),
        "goods_amount_total": yuan(listed),
        "freight_amount": yuan(freight),
        "order_amount": yuan(listed + freight),
        "payable_amount": yuan(paid),
        "payment_amount": yuan(paid),
        "user_info": {"open_id": "o1", "sha256_user_phone": "a" * 64},
        "goods_info": [
            {
                "external_sku_id": f"S{number}",
                "sku_name_chinese": "衫 红",
                "external_spu_id": "S",
                "spu_name_chinese": "衫",
                "goods_amount": yuan(cents),
                "payment_amount": yuan(cents),
                "goods_num": count,
            }
            for number, (count, cents) in enumerate(lines)
        ],
        "payment_info": [{"payment_type": "00009", "trans_id": "4", "trans_amount": yuan(paid)}],
    }


def goods_back() -> dict[str, Any]:
    line = {
        "external_sku_id": "S1",
        "sku_name_chinese": "衫 红",
        "external_spu_id": "S",
        "spu_name_chinese": "衫",
        "return_goods_amount": 10.5,
        "return_goods_num": 2,
    }
    return {
        "external_return_order_id": "R1",
        "external_order_id": "N1",
        "return_create_time": "1795000000000",
        "return_num": 2,
        "return_amount": 10.5,
        "return_freight_amount": 0,
        "return_order_amount": 10.5,
        "return_goods_info": [line],
    }


def sent(record: dict[str, Any], state: str = "1150") -> bytes:
    return order_element(json.dumps(record), state, NOON, "N1").content


def sent_return(record: dict[str, Any]) -> bytes:
    return return_element(json.dumps(record), NOON).content


def strictly(record: dict[str, Any], state: str = "1150") -> bytes:
    return order_element(json.dumps(record), state, NOON, "N1", strict=True).content


def warnings(record: dict[str, Any], state: str = "1150") -> tuple[str, ...]:
    return order_element(json.dumps(record), state, NOON, "N1").warnings


def exactly(element: bytes) -> Any:
    """Return JSON with its numbers as they are written."""
    return json.loads(element, parse_float=str, parse_int=str)


def rejection(call: Any, *arguments: Any) -> str:
    with pytest.raises(RecordRejected) as caught:
        call(*arguments)
    return str(caught.value)

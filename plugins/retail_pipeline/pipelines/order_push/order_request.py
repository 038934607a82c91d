"""A row of the outbox → the element that is sent to Youshu, or the reason why it cannot be sent. Pure.

Amounts are yuan, written with two decimals as the documents' samples are, times 13 digits of milliseconds as text
(add_order.html). All fields that are not named here are sent unchanged.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec

from retail_pipeline.business_time import SHANGHAI
from retail_pipeline.errors import RecordRejected
from retail_pipeline.pipelines.order_push.order_rules import (
    Warnings,
    check_order,
    check_return,
    with_two_decimals,
)

_DECODER = msgspec.json.Decoder(float_hook=Decimal)
_ENCODER = msgspec.json.Encoder(decimal_format="number")
_EPOCH = datetime(1970, 1, 1, 8, tzinfo=SHANGHAI)
RETURNED = "1290"


@dataclass(frozen=True)
class Element:
    """The element that is sent to Youshu for one row.

    :ivar content: JSON
    :ivar warnings: violations of our own rules; they name fields and sums, no personal data
    """

    content: bytes
    warnings: tuple[str, ...] = ()


def order_element(
    request_info: str | None, push_type: str, event_time: datetime, order_code: str, *, strict: bool = False
) -> Element:
    """Return an element of add_order's ``orders``.

    :param push_type: its order_status
    :param event_time: when that status began
    :param strict: a warning becomes a refusal
    :raises RecordRejected: names the field and what is wrong with it, never its value
    """
    order = _object(request_info)
    warnings = check_order(order, push_type, order_code)
    state = {"order_status": push_type, "status_change_time": millis(event_time)}
    return _element(order, state, warnings, strict=strict)


def status_element(order_code: str, push_type: str, event_time: datetime) -> Element:
    """Return an element of order/update's ``orders``: the state alone."""
    state = {"order_status": push_type, "status_change_time": millis(event_time)}
    return Element(_ENCODER.encode({"external_order_id": order_code, **state}))


def return_element(request_info: str | None, event_time: datetime, *, strict: bool = False) -> Element:
    """Return an element of return_order/add's ``orders``.

    :raises RecordRejected: as for an order
    """
    goods_back = _object(request_info)
    warnings = check_return(goods_back)
    state = {"return_order_status": RETURNED, "status_change_time": millis(event_time)}
    return _element(goods_back, state, warnings, strict=strict)


def body(data_source_id: str, elements: Iterable[Element]) -> str:
    """Return the body of a call."""
    orders = b",".join(element.content for element in elements).decode()
    return f'{{"dataSourceId":{json.dumps(data_source_id)},"orders":[{orders}]}}'


def millis(moment: datetime) -> str:
    """Return a moment in Youshu's format: milliseconds."""
    return str((moment - _EPOCH) // timedelta(milliseconds=1))


def _object(request_info: str | None) -> dict[str, Any]:
    try:
        content = _DECODER.decode(request_info or "")
    except (msgspec.DecodeError, RecursionError):
        raise RecordRejected("no_json", "request_info") from None
    if not isinstance(content, dict):
        raise RecordRejected("no_object", "request_info")
    return content


def _element(
    record: Mapping[str, Any], state: Mapping[str, str], warnings: Warnings, *, strict: bool
) -> Element:
    if strict and warnings:
        raise warnings[0]
    content = _ENCODER.encode({**with_two_decimals(record), **state})
    return Element(content, tuple(map(str, warnings)))

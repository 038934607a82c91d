"""Checks of an order before it is sent to Youshu: fields, types, sums. Pure.

A record is refused by rules of Youshu's documents: required fields and their types (add_order.html and the models of
SDKs that agree with it), ``order_amount`` and ``return_order_amount`` by their own definitions, discounts that reduce
a price, two decimals of a return; or by promises of our own: no plain phone number is sent, and a row is about its
own order. Rules that we expect and the documents do not state give a warning.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from msgspec import Raw

from retail_pipeline.errors import RecordRejected

_CENT, _HALF_A_CENT = Decimal("0.01"), Decimal("0.005")
# The documented type is float: beyond this it cannot represent cents.
_MAX_DIGITS = 15
# For values that are not amounts, and may be anything.
_MAX_PLACES = 40
_MILLIS = re.compile("[0-9]{13}")
_SHA256 = re.compile("[0-9a-fA-F]{64}")
# Not promotion_amount, which is text in one model and a number in another.
AMOUNTS = frozenset({
    "goods_amount_total", "freight_amount", "order_amount", "payable_amount", "payment_amount", "goods_amount",
    "trans_amount", "coupon_amount_total", "coupon_amount", "commission_fee",
    "return_amount", "return_freight_amount", "return_order_amount", "return_goods_amount",
})  # fmt: skip
_PLAIN_PHONES = ("user_phone", "receiver_phone", "registry_phone", "invoice_delivery_phone")
# Nothing was paid, so there is no payment to report.
_UNPAID = ("1110", "1130")
Warnings = list[RecordRejected]


def check_order(order: Mapping[str, Any], push_type: str, order_code: str) -> Warnings:
    """Check an order object, and return warnings by rules that no document states.

    :raises RecordRejected: the first thing that is wrong
    """
    _texts(order, "external_order_id", "order_source")
    if order["external_order_id"] != order_code:
        raise RecordRejected("other_order", "external_order_id is not the row's order_code")
    _time(order, "create_time")
    _numbers(order, "order_type", "goods_num_total")
    _amounts(
        order, "goods_amount_total", "freight_amount", "order_amount", "payable_amount", "payment_amount"
    )
    user = _part(order, "user_info", dict)
    if order["order_source"] == "wxapp":
        _texts(user, "open_id", where="user_info.")
    lines = _lines(order, "goods_info", ("goods_amount", "payment_amount"), "goods_num")
    payments = (
        _part(order, "payment_info", list) if push_type not in _UNPAID or "payment_info" in order else []
    )
    if not payments and push_type not in _UNPAID and order["payment_amount"]:
        raise RecordRejected("missing", "payment_info")
    _sums(order)
    _phones(order)
    return [*_order_warnings(order, lines), *_unrounded(order)]


def check_return(goods_back: Mapping[str, Any]) -> Warnings:
    """Check a return object, and return warnings by rules that no document states.

    :raises RecordRejected: the first thing that is wrong
    """
    _texts(goods_back, "external_return_order_id", "external_order_id")
    _time(goods_back, "return_create_time")
    _numbers(goods_back, "return_num")
    _amounts(goods_back, "return_amount", "return_freight_amount", "return_order_amount")
    lines = _lines(goods_back, "return_goods_info", ("return_goods_amount",), "return_goods_num")
    for unrounded in _unrounded(goods_back):
        raise unrounded
    parts = goods_back["return_amount"] + goods_back["return_freight_amount"]
    for wrong in _differs("return_order_amount", goods_back["return_order_amount"], parts):
        raise wrong
    _phones(goods_back)
    pieces = sum(line["return_goods_num"] for line in lines)
    return list(_differs("return_num", goods_back["return_num"], pieces))


def with_two_decimals(value: Any, name: str = "") -> Any:
    """Return a record with its amounts, at any depth, as numbers of two decimals; unchanged where they have more.

    No number has an exponent.

    :raises RecordRejected: an amount is no number
    """
    if isinstance(value, Mapping):
        return {key: with_two_decimals(part, key) for key, part in value.items()}
    if isinstance(value, list):
        return [with_two_decimals(part, name) for part in value]
    if name not in AMOUNTS or value is None:
        return _written_out(value)
    amount = _amount(value, name)
    cents = _in_cents(amount)
    return _written_out(amount if cents is None else cents)


def in_words(number: int | Decimal) -> str:
    """Return a number as people write it.

    >>> in_words(Decimal("3.2181E+5")), in_words(Decimal("321.8100000000")), in_words(Decimal("0.5")), in_words(7)
    ('321810', '321.81', '0.50', '7')
    """
    if number == int(number):
        return f"{int(number)}"
    cents = _in_cents(Decimal(number))
    return f"{Decimal(number).normalize() if cents is None else cents:f}"


def _written_out(value: Any) -> Any:
    """Return a number without an exponent, unless that takes too many digits; anything else as it is."""
    if isinstance(value, Decimal) and "E" in str(value) and abs(value.adjusted()) <= _MAX_PLACES:
        return Raw(f"{value:f}".encode())
    return value


def _sums(order: Mapping[str, Any]) -> None:
    parts = order["goods_amount_total"] + order["freight_amount"]
    for wrong in _differs("order_amount", order["order_amount"], parts):
        raise wrong
    for less, more in (("payable_amount", "order_amount"), ("payment_amount", "payable_amount")):
        if order[less] - order[more] >= _HALF_A_CENT:
            told = f"{less} {in_words(order[less])} is more than {more} {in_words(order[more])}"
            raise RecordRejected("sum_wrong", told)


def _order_warnings(order: Mapping[str, Any], lines: Sequence[Mapping[str, Any]]) -> Iterator[RecordRejected]:
    """Yield sums that do not add up and need not: freight may be waived, and an unpaid order has no payment yet."""
    paid = sum((line["payment_amount"] for line in lines), Decimal(0)) + order["freight_amount"]
    yield from _differs("payment_amount (lines and freight)", order["payment_amount"], paid)
    pieces = sum(line["goods_num"] for line in lines)
    yield from _differs("goods_num_total", order["goods_num_total"], pieces)


def _differs(name: str, told: Any, worked_out: Any) -> Iterator[RecordRejected]:
    if abs(told - worked_out) >= _HALF_A_CENT:
        yield RecordRejected("sum_wrong", f"{name} is {in_words(told)}, its parts are {in_words(worked_out)}")


def _unrounded(value: Any, name: str = "") -> Iterator[RecordRejected]:
    """Yield the amounts, at any depth, that are not whole cents."""
    if isinstance(value, Mapping):
        for key, part in value.items():
            yield from _unrounded(part, key)
    elif isinstance(value, list):
        for part in value:
            yield from _unrounded(part, name)
    elif name in AMOUNTS and value is not None and _in_cents(_amount(value, name)) is None:
        yield RecordRejected("more_than_two_decimals", name)


def _lines(record: Mapping[str, Any], name: str, amounts: Sequence[str], count: str) -> list[dict[str, Any]]:
    lines: list[dict[str, Any]] = _part(record, name, list)
    if not lines:
        raise RecordRejected("missing", name)
    for number, line in enumerate(lines):
        where = f"{name}[{number}]."
        if not isinstance(line, dict):
            raise RecordRejected("wrong_type", f"{name}[{number}]")
        _texts(
            line, "external_sku_id", "sku_name_chinese", "external_spu_id", "spu_name_chinese", where=where
        )
        _amounts(line, *amounts, where=where)
        _numbers(line, count, where=where)
    return lines


def _part(record: Mapping[str, Any], name: str, kind: type) -> Any:
    value = record.get(name)
    if not isinstance(value, kind):
        raise RecordRejected("missing" if value is None else "wrong_type", name)
    return value


def _texts(record: Mapping[str, Any], *names: str, where: str = "") -> None:
    for name in names:
        value = record.get(name)
        if not isinstance(value, str) or not value:
            raise RecordRejected("wrong_type" if value else "missing", where + name)


def _numbers(record: Mapping[str, Any], *names: str, where: str = "") -> None:
    for name in names:
        value = record.get(name)
        if not isinstance(value, int) or isinstance(value, bool):
            raise RecordRejected("missing" if value is None else "wrong_type", where + name)


def _amounts(record: Mapping[str, Any], *names: str, where: str = "") -> None:
    for name in names:
        if record.get(name) is None:
            raise RecordRejected("missing", where + name)
        _amount(record[name], where + name)


def _amount(value: Any, name: str) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        raise RecordRejected("wrong_type", name)
    amount = Decimal(value)
    if amount and amount.adjusted() > _MAX_DIGITS:
        raise RecordRejected("amount_too_large", name)
    return amount


def _in_cents(amount: Decimal) -> Decimal | None:
    """Return an amount with two decimals; None where it has more."""
    cents = amount.quantize(_CENT)
    return cents if cents == amount else None


def _time(record: Mapping[str, Any], name: str) -> None:
    value = record.get(name)
    if not isinstance(value, str) or not _MILLIS.fullmatch(value):
        raise RecordRejected("missing" if value is None else "wrong_type", f"{name}: 13 digits as text")


def _phones(value: Any) -> None:
    """Refuse plain phone numbers: they may be sent as SHA-256 only."""
    if isinstance(value, list):
        for part in value:
            _phones(part)
    elif isinstance(value, Mapping):
        for name, part in value.items():
            if name in _PLAIN_PHONES and part:
                raise RecordRejected("plain_phone", name)
            if name.startswith("sha256_") and part and not _SHA256.fullmatch(str(part)):
                raise RecordRejected("no_sha256", name)
            if isinstance(part, (list, Mapping)):
                _phones(part)

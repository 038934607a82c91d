"""aftersales.refund.Refund.search: its parameters, what they let through, and the page that is asked for.

Source: the search's page.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from sandbox.business_clock import read_time
from sandbox.wangdiantong import open_choices
from sandbox.wangdiantong.envelope import BAD_ARGUMENTS, NO_TIMES, TOO_WIDE, UNKNOWN_SHOPS, Refused
from sandbox.wangdiantong.gate import Asked
from sandbox.wangdiantong.order_book import OrderBook, StoredOrder
from sandbox.wangdiantong.records import shops_of

_TEXTS = {
    "shop_nos": 255, "tid": 40, "buyer_nick": 100, "trade_no": 40, "refund_no": 40, "return_logistics_no": 40,
    "modified_from": 40, "modified_to": 40, "settle_from": 40, "settle_to": 40, "agree_from": 40, "agree_to": 40,
    "return_warehouse_nos": 1000, "current_phase_timeout_from": 40, "current_phase_timeout_to": 40,
    "raw_refund_nos": 255,
}  # fmt: skip
_INTEGERS = ("status", "stockin_status", "type", "order_type", "rr_status")
_FLAGS = (
    "fuzzy_query",
    "return_mask_manual_intercept",
    "refund_mask_reject_return",
    "need_gov_subsidy_info",
)
_PLAYED = (
    "shop_nos", "tid", "trade_no", "refund_no", "raw_refund_nos", "modified_from", "modified_to",
    "status", "stockin_status", "type", "order_type",
)  # fmt: skip
# What needs no times beside it.
NUMBERS = ("tid", "trade_no", "refund_no", "raw_refund_nos")
STATES = ("status", "stockin_status", "type")
_WIDEST_MS = 30 * 86_400_000


@dataclass(frozen=True, slots=True)
class Search:
    window: tuple[int, int] | None  # milliseconds
    descending: bool
    shops: frozenset[str]
    states: dict[str, int]
    numbers: dict[str, frozenset[str]]

    @property
    def filtered(self) -> bool:
        return bool(self.shops or self.states or self.numbers)


def read_search(parameters: dict[str, Any]) -> Search:
    for name, value in parameters.items():
        _check_type(name, value)
    given = {name: value for name, value in parameters.items() if value not in (None, "")}
    for name, value in given.items():
        if name not in _PLAYED and (value or name not in _FLAGS):
            status, message = open_choices.NOT_PLAYED
            raise Refused(status, message.format(name))
    if given.get("order_type", 0) not in (0, 1):
        raise Refused(2, "order_type")
    numbers = {name: _listed(given[name]) for name in NUMBERS if name in given}
    return Search(
        window=_window(given, needed=not numbers),
        descending=given.get("order_type") == 1,
        shops=_listed(given.get("shop_nos", "")),
        states={name: given[name] for name in STATES if name in given},
        numbers=numbers,
    )


def _check_type(name: str, value: Any) -> None:
    fits = _TYPES.get(name)
    if fits is None:
        raise Refused(2, name)
    if value is not None and not fits(value):
        raise Refused(1, "argument type mismatch")
    if isinstance(value, str) and len(value) > _TEXTS[name]:
        raise Refused(2, name)


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_flag(value: Any) -> bool:
    return isinstance(value, bool) or value in (0, 1)


_TYPES: dict[str, Callable[[Any], bool]] = {
    **dict.fromkeys(_TEXTS, lambda value: isinstance(value, str)),
    **dict.fromkeys(_INTEGERS, _is_whole),
    **dict.fromkeys(_FLAGS, _is_flag),
}


def _window(given: dict[str, Any], *, needed: bool) -> tuple[int, int] | None:
    if "modified_from" not in given or "modified_to" not in given:
        if needed or "modified_from" in given or "modified_to" in given:
            raise Refused(*NO_TIMES)
        return None
    first, last = (_milliseconds(given[name]) for name in ("modified_from", "modified_to"))
    if last < first:
        raise Refused(*BAD_ARGUMENTS)
    if last - first > _WIDEST_MS:
        raise Refused(*TOO_WIDE)
    return first, last


def _milliseconds(text: str) -> int:
    moment = read_time(text)
    if moment is None:
        raise Refused(100, f"Unparseable date: {text}")
    return moment * 1000


def _listed(text: str) -> frozenset[str]:
    return frozenset(part for part in text.split(",") if part)


# Where an order has the numbers that are searched by.
_LISTS = {"tid": "src_tids", "trade_no": "trade_no_list", "raw_refund_nos": "raw_refund_nos"}


@dataclass(frozen=True, slots=True)
class Page:
    total: int | None
    records: list[bytes]


def check_shops(asked: Asked, search: Search) -> None:
    known = {shop["shop_no"] for shop in shops_of(asked.account.name)}
    if search.shops and not search.shops & known:
        raise Refused(*UNKNOWN_SHOPS)


def find(book: OrderBook, asked: Asked, search: Search, direct: bool) -> Page:
    if search.filtered:
        found = [order for order in book.orders(direct, search.window) if _matches(order, search)]
        total = len(found)
        begin, end = _bounds(asked, search, total)
        orders = found[begin:end]
    else:
        total = book.count(direct, search.window)
        orders = book.orders(direct, search.window, *_bounds(asked, search, total))
    if search.descending:
        orders.reverse()
    texts = [order.full_text() for order in orders] if direct else [order.text for order in orders]
    return Page(total if asked.counted else None, texts)


def neighbour(asked: Asked) -> Asked:
    """The page before, or the second one for the first."""
    return replace(asked, page=asked.page - 1 if asked.page else 1)


def _bounds(asked: Asked, search: Search, total: int) -> tuple[int, int]:
    begin = min(total, asked.page * asked.page_size)
    end = min(total, begin + asked.page_size)
    return (total - end, total - begin) if search.descending else (begin, end)


def _matches(order: StoredOrder, search: Search) -> bool:
    facts = order.facts
    if search.shops and facts.shop_no not in search.shops:
        return False
    if any(getattr(facts, name) != search.states[name] for name in STATES if name in search.states):
        return False
    return all(_has_number(order, name, wanted) for name, wanted in search.numbers.items())


def _has_number(order: StoredOrder, name: str, wanted: frozenset[str]) -> bool:
    if name == "refund_no":
        return order.refund_no in wanted
    # parsing is far dearer than looking for the digits
    if not any(number.encode() in order.text for number in wanted):
        return False
    record = order.record()
    held = record.get(_LISTS[name]) if isinstance(record, dict) else None
    return isinstance(held, str) and not wanted.isdisjoint(held.split(","))

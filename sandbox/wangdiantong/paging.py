"""A page of the orders that a search finds."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sandbox.wangdiantong.asked import Asked
from sandbox.wangdiantong.envelope import UNKNOWN_SHOPS, Refused
from sandbox.wangdiantong.order_book import OrderBook
from sandbox.wangdiantong.order_model import shops_of
from sandbox.wangdiantong.search_parameters import STATES, Search
from sandbox.wangdiantong.stored_order import StoredOrder

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

"""Orders and returns as rows of the shop's tables, and how they get there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg

from sandbox.business_clock import SHANGHAI
from sandbox.shop.orders import MINI_PROGRAM, Order, Return, orders_of, return_of

TABLES = Path(__file__).parents[1] / "shop_tables.sql"
# Orders are seen as they stand before the daily summary is due, so that nothing lies in the future then.
SEEN_AT = timedelta(hours=4)

ORDER_COLUMNS = (
    "id, shop, order_code, order_source, status, create_time, pay_time, ship_time, finish_time, cancel_time, "
    "goods_amount, freight_amount, payable_amount, payment_amount, pay_transaction_id, open_id, union_id, phone, "
    "receiver_name, receiver_province, receiver_city, receiver_district, receiver_address, last_modify_time, scene, "
    "store_id, store_name, store_city, express_company_code, express_company_name, express_code"
)
COUPON_COLUMNS = "id, order_id, coupon_type, coupon_id, batch_id, coupon_name, amount"
ITEM_COLUMNS = (
    "id, order_id, sku_id, spu_id, sku_name, spu_name, colour, size, goods_num, goods_price, payment_amount"
)


RETURN_COLUMNS = (
    "id, shop, return_code, order_id, create_time, finish_time, goods_amount, freight_amount, "
    "last_modify_time"
)
RETURN_ITEM_COLUMNS = "id, return_id, order_item_id, goods_num, amount"


@dataclass(frozen=True, slots=True)
class Wish:
    shop: str
    first: date
    last: date
    orders_per_day: int
    seed: int

    def days(self) -> Iterator[date]:
        return (self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1))

    def as_of(self) -> datetime:
        return _midnight(self.last + timedelta(days=1)) + SEEN_AT


def order_row(order: Order) -> tuple[Any, ...]:
    course, basket, buyer = order.course, order.basket, order.buyer
    head = (order.id, order.shop, order.code, order.source, course.status)
    times = (course.created, course.paid, course.shipped, course.finished, course.cancelled)
    amounts = tuple(yuan(fen) for fen in (basket.goods, basket.freight, basket.payable, basket.payment))
    open_id = buyer.open_id if order.source == MINI_PROGRAM else None
    who = (order.transaction_id, open_id, buyer.union_id, buyer.phone, buyer.name, *buyer.place)
    return (*head, *times, *amounts, *who, course.modified, *_where_from(order), *parcel(order))


def _where_from(order: Order) -> tuple[str | None, ...]:
    """Scene of the mini-program, and of one order in five the store that sold it."""
    scene = "1089" if order.source == MINI_PROGRAM else None
    return (scene, *(("S0571", "湖滨店", "杭州市") if order.id % 5 == 0 else (None, None, None)))


def parcel(order: Order) -> tuple[str | None, ...]:
    """Company and number of what was shipped."""
    return ("10003", "演示速运", f"D{order.id}") if order.course.shipped else (None, None, None)


def coupon_rows(order: Order) -> Iterator[tuple[Any, ...]]:
    """The shop's discount came by a coupon of its own."""
    off = order.basket.goods + order.basket.freight - order.basket.payable
    if off:
        yield (order.id, order.id, 1, f"C{order.id}", "B2026", "满减券", yuan(off))


def item_rows(order: Order) -> Iterator[tuple[Any, ...]]:
    for number, line in enumerate(order.basket.lines):
        style = line.sku.style
        what = (line.sku.sku_id, style.spu_id, line.sku.name, style.name, line.sku.colour, line.sku.size)
        money = (line.pieces, yuan(style.price), yuan(line.payment))
        yield (order.id * 10 + number, order.id, *what, *money)


def return_row(order: Order, goods_back: Return) -> tuple[Any, ...]:
    moments = (goods_back.created, goods_back.finished)
    amounts = (yuan(goods_back.goods), yuan(goods_back.freight))
    return (goods_back.id, order.shop, goods_back.code, order.id, *moments, *amounts, goods_back.finished)


def return_item_rows(order: Order, goods_back: Return) -> Iterator[tuple[Any, ...]]:
    for line in goods_back.lines:
        item = order.id * 10 + line.number
        yield (item, goods_back.id, item, line.pieces, yuan(line.amount))


def yuan(fen: int) -> Decimal:
    return Decimal(fen).scaleb(-2)


def fill_tables(connection: psycopg.Connection[Any], wish: Wish) -> int:
    """Delete and insert the asked days in one transaction; how many orders there are now."""
    written = 0
    with connection.transaction(), connection.cursor() as cursor:
        cursor.execute(TABLES.read_bytes())
        _delete(cursor, wish)
        for day in wish.days():
            orders = list(orders_of(wish.shop, day, wish.orders_per_day, wish.seed, wish.as_of()))
            _copy(cursor, f"COPY t_store_order ({ORDER_COLUMNS}) FROM STDIN", map(order_row, orders))
            items = (row for order in orders for row in item_rows(order))
            _copy(cursor, f"COPY t_store_order_item ({ITEM_COLUMNS}) FROM STDIN", items)
            coupons = (row for order in orders for row in coupon_rows(order))
            _copy(cursor, f"COPY t_store_order_coupon ({COUPON_COLUMNS}) FROM STDIN", coupons)
            returns = [(order, back) for order in orders if (back := return_of(order))]
            heads = (return_row(*each) for each in returns)
            _copy(cursor, f"COPY t_store_order_return ({RETURN_COLUMNS}) FROM STDIN", heads)
            items = (row for each in returns for row in return_item_rows(*each))
            _copy(cursor, f"COPY t_store_order_return_item ({RETURN_ITEM_COLUMNS}) FROM STDIN", items)
            written += len(orders)
    return written


def _delete(cursor: psycopg.Cursor[Any], wish: Wish) -> None:
    which = "shop = %s AND create_time >= %s AND create_time < %s"
    window = (wish.shop, _midnight(wish.first), _midnight(wish.last + timedelta(days=1)))
    orders = f"(SELECT id FROM t_store_order WHERE {which})"
    returns = f"(SELECT id FROM t_store_order_return WHERE order_id IN {orders})"
    cursor.execute(f"DELETE FROM t_store_order_return_item WHERE return_id IN {returns}", window)
    cursor.execute(f"DELETE FROM t_store_order_return WHERE order_id IN {orders}", window)
    cursor.execute(f"DELETE FROM t_store_order_coupon WHERE order_id IN {orders}", window)
    cursor.execute(f"DELETE FROM t_store_order_item WHERE order_id IN {orders}", window)
    cursor.execute(f"DELETE FROM t_store_order WHERE {which}", window)


def _copy(cursor: psycopg.Cursor[Any], statement: str, rows: Iterable[tuple[Any, ...]]) -> None:
    with cursor.copy(statement.encode()) as copy:
        for row in rows:
            copy.write_row(row)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), SHANGHAI)

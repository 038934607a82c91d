"""The shop's orders: the awkward ones are there, the money adds up, and a rerun gives the same."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date, datetime, time, timedelta
from decimal import Decimal

import pytest

from sandbox.business_clock import SHANGHAI
from sandbox.shop.orders import orders_of
from sandbox.shop.tables import (
    COUPON_COLUMNS,
    ITEM_COLUMNS,
    ORDER_COLUMNS,
    TABLES,
    Wish,
    coupon_rows,
    item_rows,
    order_row,
    yuan,
)

DAY = date(2026, 11, 22)
MIDNIGHT = datetime.combine(DAY, time(), SHANGHAI)
NEXT = MIDNIGHT + timedelta(days=1)
LATER = MIDNIGHT + timedelta(days=30)


def orders(count=400, shop="flagship", seed=1, as_of=LATER):
    return list(orders_of(shop, DAY, count, seed, as_of))


def test_the_same_arguments_give_the_same_orders():
    assert orders() == orders()
    assert orders(seed=2) != orders()
    assert orders(shop="outlet") != orders()


def test_more_orders_leave_the_first_ones_as_they_are():
    assert orders(50) == orders(400)[:50]


def test_the_edges_of_the_day_are_there():
    created = {order.course.created for order in orders()}
    assert MIDNIGHT in created
    assert NEXT - timedelta(milliseconds=1) in created
    assert all(MIDNIGHT <= moment < NEXT for moment in created)


def test_some_are_paid_on_the_next_day_one_at_midnight_sharp():
    paid = [order.course.paid for order in orders(10) if order.course.paid]
    assert NEXT in paid
    assert NEXT + timedelta(minutes=3) in paid


def test_the_awkward_orders_are_in_the_smallest_day_that_holds_them():
    first = orders(10)
    assert {order.course.status for order in first} == {
        "created",
        "cancelled_unpaid",
        "cancelled_paid",
        "refunded",
        "finished",
    }
    assert {order.source for order in first} == {1, 2, 3}
    assert any("🐼" in order.buyer.name for order in first)


def test_each_status_has_its_times():
    for order in orders():
        c = order.course
        has = {name for name in ("paid", "shipped", "finished", "cancelled") if getattr(c, name)}
        expected = {
            "created": set(),
            "cancelled_unpaid": {"cancelled"},
            "cancelled_paid": {"paid", "cancelled"},
            "refunded": {"paid"},
            "finished": {"paid", "shipped", "finished"},
        }
        assert has == expected[c.status]
        assert (order.transaction_id is not None) == (c.paid is not None)
        assert c.modified >= max(c.created, *(getattr(c, name) for name in has), c.created)


def test_nothing_lies_after_the_moment_it_is_seen_at():
    as_of = MIDNIGHT + timedelta(hours=28)
    seen = orders(as_of=as_of)
    for order in seen:
        c = order.course
        assert all(t < as_of for t in (c.paid, c.shipped, c.finished, c.cancelled, c.modified) if t)
    assert Counter(order.course.status for order in seen)["shipped"] > 10
    paid_at_midnight = orders(10, as_of=NEXT)[2].course
    assert (paid_at_midnight.status, paid_at_midnight.paid) == ("created", None)
    assert Wish("flagship", DAY, DAY, 1, 1).as_of() == as_of


def test_the_money_adds_up_to_the_fen():
    for order in orders():
        basket = order.basket
        assert sum(line.list_amount for line in basket.lines) == basket.goods
        assert sum(line.payment for line in basket.lines) == basket.payment - basket.freight
        assert basket.payment <= basket.payable <= basket.goods + basket.freight
        assert all(line.payment >= 0 for line in basket.lines)


def test_freight_is_ten_yuan_below_199_and_nothing_from_there_on():
    baskets = [order.basket for order in orders(2000)]
    assert {(basket.goods < 19900, basket.freight) for basket in baskets} == {(True, 1000), (False, 0)}


def test_the_baskets_are_of_many_kinds():
    baskets = [order.basket for order in orders()]
    lines = [line for basket in baskets for line in basket.lines]
    assert {line.pieces for line in lines} >= {1, 2, 3}
    assert {len(basket.lines) for basket in baskets} == {1, 2, 3, 4}
    assert any(basket.freight for basket in baskets)
    assert any(basket.payment == basket.payable == basket.goods for basket in baskets)
    assert any(basket.payment < basket.payable < basket.goods + basket.freight for basket in baskets)
    colours = Counter(line.sku.style.spu_id for line in {line.sku: line for line in lines}.values())
    assert max(colours.values()) > 1  # one style number for several colours


def test_ids_and_codes_are_of_the_kind_that_breaks_careless_code():
    for order in orders(20):
        assert 2**53 < order.id < 2**63 // 10
        assert re.fullmatch(r"0\d{18}", order.code)
        assert order.buyer.phone.startswith("100")


@pytest.mark.parametrize(("fen", "text"), [(0, "0.00"), (1, "0.01"), (1250, "12.50")])
def test_yuan_are_exact(fen, text):
    assert str(yuan(fen)) == text


def test_rows_have_the_columns_of_the_tables():
    order = orders(10)[0]
    row = dict(zip(ORDER_COLUMNS.split(", "), order_row(order), strict=True))
    assert (row["id"], row["create_time"], row["pay_time"]) == (
        order.id,
        order.course.created,
        order.course.paid,
    )
    assert row["payment_amount"] == Decimal(order.basket.payment) / 100
    assert row["last_modify_time"] == order.course.modified
    items = [dict(zip(ITEM_COLUMNS.split(", "), item, strict=True)) for item in item_rows(order)]
    assert {item["order_id"] for item in items} == {order.id}
    assert sum(item["payment_amount"] for item in items) == row["payment_amount"] - row["freight_amount"]
    ddl = TABLES.read_text(encoding="utf-8")
    for name in ", ".join((ORDER_COLUMNS, ITEM_COLUMNS, COUPON_COLUMNS)).split(", "):
        assert re.search(rf"^    (ADD COLUMN IF NOT EXISTS )?{name} ", ddl, re.MULTILINE)


def test_what_takes_something_off_at_the_shop_is_a_coupon():
    for order in orders(100):
        off = [coupon[-1] for coupon in coupon_rows(order)]
        basket = order.basket
        assert sum(off) == yuan(basket.goods + basket.freight - basket.payable)
    assert any(list(coupon_rows(order)) for order in orders(100))


def test_what_was_shipped_has_a_parcel_and_some_orders_a_store():
    rows = [dict(zip(ORDER_COLUMNS.split(", "), order_row(order), strict=True)) for order in orders(100)]
    assert all((row["express_code"] is not None) == (row["ship_time"] is not None) for row in rows)
    assert all((row["scene"] is not None) == (row["order_source"] == 1) for row in rows)
    assert 0 < sum(row["store_id"] is not None for row in rows) < len(rows)


def test_only_mini_program_orders_have_an_open_id():
    for order in orders(100):
        row = dict(zip(ORDER_COLUMNS.split(", "), order_row(order), strict=True))
        assert (row["open_id"] is not None) == (order.source == 1)


def test_a_wish_covers_both_its_ends():
    wish = Wish("flagship", date(2026, 11, 16), DAY, 400, 1)
    assert [day.day for day in wish.days()] == [16, 17, 18, 19, 20, 21, 22]

"""What comes back of refunded orders: some all of it, some a part; the money is what was paid for it."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sandbox.business_clock import SHANGHAI
from sandbox.shop.orders import orders_of, return_of

DAY = date(2026, 11, 22)
ORDERS = list(orders_of("flagship", DAY, 2000, 1, datetime(2026, 12, 22, tzinfo=SHANGHAI)))
PAIRS = [(order, back) for order in ORDERS if (back := return_of(order))]


def test_every_refunded_order_has_one_and_no_other():
    assert [order.id for order in ORDERS if order.course.status == "refunded"] == [
        order.id for order, _ in PAIRS
    ]
    assert len(PAIRS) > 30


def test_the_same_order_gives_the_same_return():
    assert [return_of(order) for order, _ in PAIRS] == [back for _, back in PAIRS]


def test_it_begins_after_the_payment_and_ends_with_the_refund():
    assert all(
        order.course.paid < back.created < back.finished == order.course.refunded for order, back in PAIRS
    )


def test_no_more_comes_back_than_was_bought_and_no_more_is_given_back_than_was_paid():
    for order, back in PAIRS:
        for line in back.lines:
            bought = order.basket.lines[line.number]
            assert 1 <= line.pieces <= bought.pieces
            assert 0 <= line.amount <= bought.payment
        assert back.goods + back.freight <= order.basket.payment


def test_who_sends_back_everything_gets_everything_and_some_send_back_a_part():
    whole = [back.goods + back.freight == order.basket.payment for order, back in PAIRS]
    assert True in whole
    assert False in whole


def test_an_order_that_is_not_refunded_yet_has_none():
    early = orders_of(
        "flagship", DAY, 2000, 1, datetime(2026, 11, 22, tzinfo=SHANGHAI) + timedelta(minutes=1)
    )
    assert not any(return_of(order) for order in early)

"""Odd orders on their way: sent with a warning, dead-lettered where rules are strict or a document says so."""

from __future__ import annotations

import pytest

from retail_pipeline.settings.order_push import OrderPush
from tests.order_push.faults.pushes import Pushes
from tests.order_push.orders import NOON, ShopOrders

ALL = ["1110", "1150", "1160", "1180"]


@pytest.fixture
def pushes(store, sandbox, simulated_clock) -> Pushes:
    simulated_clock.set(NOON)
    return Pushes(ShopOrders(store), sandbox, simulated_clock)


def waive_freight(pushes: Pushes) -> None:
    pushes.shop.place(1, "1150", "1160", "1180")
    pushes.shop.store.execute(
        "UPDATE t_store_order SET payment_amount = 28.50, payable_amount = 28.50 WHERE id = 1"
    )
    pushes.shop.store.execute("TRUNCATE t_store_youshu_request")
    pushes.shop.enqueue(1)


@pytest.mark.parametrize("by", ["add_order", "update"])
def test_an_order_whose_freight_was_waived_is_sent_in_every_state_with_a_warning_on_record(
    pushes, caplog, by
):
    pushes.settings = OrderPush(status_changes_by=by)
    waive_freight(pushes)
    pushes.shop.place(2)
    pushes.drain_until_empty()
    assert (pushes.told(1), pushes.totals()["regressions"]) == (ALL, 0)
    [warned, *others] = [row["warning"] for row in pushes.shop.rows(order_id=1)]
    assert warned == "sum_wrong: payment_amount (lines and freight) is 28.50, its parts are 33.50"
    assert others == ([warned] * 3 if by == "add_order" else [None] * 3)
    assert [row["warning"] for row in pushes.shop.rows(order_id=2)] == [None]
    assert caplog.text.count("sum_wrong: payment_amount (lines and freight)") == 1


def test_strict_rules_set_it_aside(pushes):
    pushes.settings = OrderPush(strict_rules=True)
    waive_freight(pushes)
    pushes.drain()
    pushes.drain()
    assert {row["status"] for row in pushes.shop.rows()} == {5}
    assert "sum_wrong: payment_amount" in pushes.shop.rows(status=5)[0]["response_info"]
    assert pushes.sandbox.ask("orders") == []


def test_a_return_whose_pieces_do_not_add_up_is_sent_with_a_warning(pushes):
    pushes.shop.place(1, "1150")
    pushes.shop.give_back(9, 1)
    pushes.shop.store.execute(
        "UPDATE t_store_youshu_request SET request_info = jsonb_set(request_info::jsonb, '{return_num}', '3')"
        " WHERE push_type = '1290'"
    )
    pushes.drain_until_empty()
    assert pushes.told("R9") == ["1290"]
    [row] = pushes.shop.rows(push_type="1290")
    assert row["warning"] == "sum_wrong: return_num is 3, its parts are 1"


def test_an_order_that_breaks_what_a_document_states_never_reaches_youshu(pushes):
    pushes.shop.place(1)
    pushes.shop.store.execute(
        "UPDATE t_store_youshu_request SET request_info = jsonb_set(request_info::jsonb, '{order_amount}', '7')"
    )
    pushes.drain()
    [row] = pushes.shop.rows()
    assert (row["status"], row["response_info"]) == (5, "sum_wrong: order_amount is 7, its parts are 35")

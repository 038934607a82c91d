"""What the shop's backend calls in its own transaction: every state once, every change, nothing twice."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal

import psycopg
import pytest

from tests.conftest import server_url
from tests.order_push.orders import SHOP, ShopOrders

HOUR = timedelta(hours=1)


@pytest.fixture
def shop(store) -> ShopOrders:
    return ShopOrders(store)


def test_each_state_that_an_order_reaches_is_a_row_with_the_order_as_it_was(shop):
    shop.place(7, "1150", "1160", "1180")
    rows = shop.rows()
    assert [row["push_type"] for row in rows] == ["1110", "1150", "1160", "1180"]
    assert [row["event_time"] for row in rows] == sorted(row["event_time"] for row in rows)
    before, after = (json.loads(row["request_info"], parse_float=Decimal) for row in rows[:2])
    assert before["payment_info"] == []
    assert after["payment_info"][0]["trans_amount"] == Decimal("33.50")
    assert after["create_time"] == "1795406400000"
    assert "10000000000" not in rows[0]["request_info"]
    assert {row["shop"] for row in rows} == {SHOP}


def test_blocks_are_there_where_the_shops_tables_have_them_and_only_then(shop):
    shop.place(7, "1150", "1160", enqueue=False)
    shop.store.execute(
        "UPDATE t_store_order SET express_code = 'D7', express_company_code = '10003', store_id = 'S1',"
        " scene = '1089', ship_time = '2026-11-23 12:00:02+08'"
    )
    for number, kind, amount in ((1, 1, "1.50"), (2, 1, "2.00"), (3, 2, "0.99")):
        coupon = [number, kind, f"C{number}", amount]
        shop.store.execute("INSERT INTO t_store_order_coupon VALUES (%s, 7, %s, %s, NULL, '券', %s)", coupon)
    shop.enqueue(7)
    shop.place(8)
    whole, plain = (json.loads(shop.rows(order_id=order)[0]["request_info"]) for order in (7, 8))
    assert whole["express_info"] == {
        "express_package_info": [
            {"express_company_code": "10003", "express_code": "D7", "ship_time": "1795406402000"}
        ]
    }
    assert [
        (coupon["coupon_type"], coupon["coupon_amount_total"], len(coupon["coupon_detail"]))
        for coupon in whole["coupon_info"]
    ] == [(1, 3.5, 2), (2, 0.99, 1)]
    assert whole["coupon_info"][1]["coupon_detail"] == [
        {"external_coupon_id": "C3", "coupon_name": "券", "coupon_amount": 0.99}
    ]
    for line in whole["goods_info"]:
        assert line["store_info"] == {"external_store_id": "S1"}
        assert line["chan_info"] == [{"chan_wxapp": {"chan_scene": "1089"}}]
    assert not plain.keys() & {"express_info", "coupon_info"}
    assert not plain["goods_info"][0].keys() & {"store_info", "chan_info"}


def test_a_call_that_was_forgotten_is_made_good_by_the_next_one(shop):
    shop.place(7, "1150", "1160", enqueue=False)
    assert shop.rows() == []
    assert shop.enqueue(7) == 3
    assert [row["push_type"] for row in shop.rows()] == ["1110", "1150", "1160"]


def test_calling_again_does_nothing(shop):
    shop.place(7, "1150")
    assert shop.enqueue(7) == 0
    assert len(shop.rows()) == 2


def test_a_change_within_a_state_is_a_row_and_so_is_changing_it_back(shop):
    shop.place(7, "1150")
    for freight in ("6.00", "5.00", "5.00"):
        shop.move_house(7, freight)
    rows = shop.rows()
    assert [row["push_type"] for row in rows] == ["1110", "1150", "1150", "1150"]
    assert [json.loads(row["request_info"])["freight_amount"] for row in rows[1:]] == [5, 6, 5]
    assert len({row["event_time"] for row in rows[1:]}) == 1


def test_what_the_shop_rolls_back_was_never_enqueued(shop):
    shop.place(7)

    def change() -> None:
        shop.store.execute("UPDATE t_store_order SET pay_time = now() WHERE id = 7")
        assert shop.enqueue(7) == 1
        raise RuntimeError("the backend fails")

    with pytest.raises(RuntimeError), shop.store.transaction():
        change()
    assert shop.states(7) == [("1110", 0)]


def test_an_order_that_is_not_there_or_has_reached_nothing_adds_nothing(shop):
    assert shop.enqueue(8) == 0


@pytest.mark.parametrize(("paid", "state"), [(False, "1130"), (True, "1140")])
def test_a_cancelled_order_has_the_state_that_fits_its_payment(shop, paid, state):
    shop.place(7, *(["1150"] if paid else []), state)
    assert shop.states(7)[-1] == (state, 0)


def test_a_return_is_a_row_once_it_is_finished(shop):
    shop.place(7, "1150", "1160", "1180")
    shop.give_back(1, 7)
    shop.store.execute("SELECT youshu_enqueue_return(%s, 1)", [SHOP])
    [row] = shop.rows(push_type="1290")
    assert (row["return_code"], row["order_id"], row["total"]) == ("R1", 7, 10)
    content = json.loads(row["request_info"])
    assert (content["external_order_id"], content["return_num"]) == ("N7", 1)


def test_two_transactions_that_enqueue_one_order_at_once_add_each_state_once(shop):
    shop.place(7, "1150", "1160", enqueue=False)

    def call(_: int) -> None:
        with psycopg.connect(server_url("STORE_POSTGRES_URL")) as session:
            session.execute("SELECT youshu_enqueue_order(%s, 7)", [SHOP])

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(call, range(8)))
    assert [row["push_type"] for row in shop.rows()] == ["1110", "1150", "1160"]


def correct(shop: ShopOrders, number: int, column: str, by: timedelta | None = -8 * HOUR) -> int:
    """Move the time of a state, or take it away, and enqueue the order."""
    value = "NULL" if by is None else f"{column} + %(by)s"
    shop.store.execute(f"UPDATE t_store_order SET {column} = {value} WHERE id = {number}", {"by": by})
    return shop.enqueue(number)


def courses(shop: ShopOrders, number: int) -> list[tuple[int, str]]:
    return [(row["course"], row["push_type"]) for row in shop.rows(order_id=number)]


def test_a_corrected_time_is_told_with_all_states_that_follow(shop):
    shop.place(7, "1150", "1160", "1180")
    told = shop.rows()[1]["event_time"]
    assert correct(shop, 7, "pay_time") == 3
    assert courses(shop, 7)[4:] == [(2, "1150"), (2, "1160"), (2, "1180")]
    assert shop.rows()[4]["event_time"] == told - 8 * HOUR
    assert shop.enqueue(7) == 0
    shop.move_house(7, "6.00")
    assert courses(shop, 7)[7:] == [(2, "1180")]


def test_what_is_less_than_youshu_is_told_is_no_correction(shop):
    shop.place(7, "1150")
    assert correct(shop, 7, "pay_time", timedelta(microseconds=100)) == 0


def test_a_state_that_was_taken_back_leaves_the_one_before_as_the_last_word(shop):
    shop.place(7, "1150", "1160")
    assert correct(shop, 7, "ship_time", None) == 1
    assert courses(shop, 7)[3:] == [(2, "1150")]
    assert shop.enqueue(7) == 0
    shop.reach(7, "1160")
    assert courses(shop, 7)[4:] == [(2, "1160")]


def test_an_order_that_was_dead_lettered_and_is_mended_is_told_from_its_first_such_state_on(shop):
    shop.place(7, "1150", "1160")
    shop.store.execute(
        "UPDATE t_store_youshu_request SET status = CASE push_type WHEN '1160' THEN 1 ELSE 5 END"
    )
    assert shop.enqueue(7) == 3, "the order was paid since its first state was refused"
    shop.store.execute("UPDATE t_store_youshu_request SET status = 5")
    assert shop.enqueue(7) == 0, "as it is, it was refused"
    shop.move_house(7, "6.00")
    assert [state for course, state in courses(shop, 7) if course == 3] == ["1110", "1150", "1160"]


def test_a_state_that_follows_one_that_was_dead_lettered_goes_out_behind_it(shop):
    """Whether the order is mended only Youshu knows: it is not what it was."""
    shop.place(7)
    shop.store.execute("UPDATE t_store_youshu_request SET status = 5")
    shop.reach(7, "1150")
    assert courses(shop, 7) == [(1, "1110"), (2, "1110"), (2, "1150")]
    assert shop.enqueue(7) == 0


def test_a_new_state_of_an_order_that_is_what_it_was_does_not_tell_it_again(shop):
    shop.place(7, "1150")
    shop.store.execute("UPDATE t_store_youshu_request SET status = 5")
    shop.reach(7, "1160")
    assert courses(shop, 7)[2:] == [(1, "1160")]


@pytest.mark.parametrize(("column", "state"), [("create_time", "1110"), ("cancel_time", "1140")])
def test_what_is_dead_lettered_whatever_the_order_holds_is_not_told_again(shop, column, state):
    """A moment that Youshu cannot be told; a cancellation after shipping."""
    shop.place(7, "1150", "1160")
    moment = "1999-01-01 12:00+08" if state == "1110" else shop.moment + HOUR
    shop.store.execute(f"UPDATE t_store_order SET {column} = %s", [moment])
    shop.enqueue(7)
    shop.store.execute("UPDATE t_store_youshu_request SET status = 5 WHERE push_type = %s", [state])
    before = courses(shop, 7)
    shop.move_house(7, "6.00")
    course = max(number for number, _ in before)
    assert courses(shop, 7) == [*before, (course, "1160")], "the change alone"


def test_a_corrected_return_is_a_row(shop):
    shop.place(7, "1150", "1160", "1180")
    shop.give_back(1, 7)
    shop.store.execute("UPDATE t_store_order_return SET finish_time = finish_time - interval '8 hours'")
    calls = [shop.store.execute("SELECT youshu_enqueue_return(%s, 1)", [SHOP]).fetchone() for _ in range(2)]
    assert calls == [(1,), (0,)]
    first, second = shop.rows(push_type="1290")
    assert first["event_time"] - second["event_time"] == 8 * HOUR

"""A shop's orders against its outbox: what was not enqueued is found and enqueued once, whatever left it behind."""

from __future__ import annotations

import json
from datetime import timedelta

import psycopg
import pytest

from retail_pipeline.pipelines.order_push import reconcile as order_reconcile
from retail_pipeline.pipelines.order_push.capture import OrderCapture
from retail_pipeline.pipelines.order_push.reconcile import Missing, OrderReconcile
from retail_pipeline.settings.retail import Shop
from tests.conftest import server_url
from tests.order_push.orders import SHOP, ShopOrders

LOOKBACK, HOUR = timedelta(minutes=5), timedelta(hours=1)


@pytest.fixture
def shop(store) -> ShopOrders:
    """Its clock is the database's, an hour ago; it has been pushed for long."""
    store.execute(
        "INSERT INTO youshu_push_sender (shop, seen_at, waiting, started_at) VALUES (%s, now(), 0, '-infinity')",
        [SHOP],
    )
    [(moment,)] = store.execute(
        "SELECT date_trunc('second', statement_timestamp()) - interval '1 hour'"
    ).fetchall()
    return ShopOrders(store, moment=moment)


def settings_of(orders: str, name: str = SHOP) -> Shop:
    return Shop(name=name, store_conn_id="", wechat_conn_id="", youshu_conn_id="", reports=(), orders=orders)


def reconcile(shop: ShopOrders, orders: str = "enqueued", *, days: int = 3, enqueue: bool = True) -> Missing:
    return OrderReconcile(shop.store, settings_of(orders), LOOKBACK).reconcile(days, enqueue=enqueue)


def capture(shop: ShopOrders) -> int:
    return OrderCapture(shop.store, SHOP, [1], LOOKBACK).capture()


def captured_until_now(shop: ShopOrders) -> None:
    """Let the capture have read everything, as one that has been at work for days."""
    shop.store.execute(
        "INSERT INTO youshu_capture (shop, what, read_until)"
        " SELECT %s, what, now() FROM unnest('{order,return}'::text[]) AS what",
        [SHOP],
    )


def test_what_a_backend_forgot_is_told_and_enqueued_once(shop):
    shop.place(1, "1150")
    shop.place(2, "1150", "1160", enqueue=False)
    begins = shop.moment
    shop.place(3, enqueue=False)
    told = reconcile(shop, enqueue=False)
    assert (told.compared, told.records, told.states, told.changed) == (3, 2, 4, 0)
    assert told.since == begins - timedelta(seconds=2)
    assert told.named == ["N2 1110+1150+1160", "N3 1110"]
    assert len(shop.rows()) == 2, "only told"
    assert reconcile(shop) == told
    assert [row["order_id"] for row in shop.rows()] == [1, 1, 2, 2, 2, 3]
    assert reconcile(shop) == Missing(compared=3)
    assert len(shop.rows()) == 6


def test_an_order_that_was_enqueued_in_an_older_state_is_enqueued_as_it_is_now(shop):
    shop.place(1, "1150")
    shop.reach(1, "1160", enqueue=False)
    shop.place(2, "1150")
    shop.move_house(2, "6.00", enqueue=False)
    found = reconcile(shop)
    assert found.named == ["N1 1160", "N2 changed"]
    assert (found.states, found.changed) == (1, 1)
    assert [state for state, _ in shop.states(1)] == ["1110", "1150", "1160"]
    newest = shop.rows(order_id=2)[-1]
    assert (newest["push_type"], json.loads(newest["request_info"])["freight_amount"]) == ("1150", 6)
    assert reconcile(shop).records == 0


def test_returns_are_compared_too(shop):
    shop.place(1, "1150")
    shop.give_back(1, 1)
    shop.give_back(2, 1, enqueue=False)
    shop.store.execute("UPDATE t_store_order_return SET freight_amount = 5 WHERE id = 1")
    found = reconcile(shop)
    assert found.named == ["R1 changed", "R2 1290"]
    assert [row["return_code"] for row in shop.rows(push_type="1290")] == ["R1", "R1", "R2"]
    assert reconcile(shop).records == 0


def test_a_return_that_is_not_finished_does_not_lack(shop):
    shop.place(1, "1150")
    shop.give_back(1, 1, enqueue=False)
    shop.store.execute("UPDATE t_store_order_return SET finish_time = NULL")
    assert reconcile(shop, enqueue=False).records == 0


@pytest.mark.parametrize("status", [1, 3, 4, 5])
def test_what_is_in_the_outbox_in_whatever_state_is_not_enqueued_again(shop, status):
    shop.place(1, "1150")
    shop.store.execute("UPDATE t_store_youshu_request SET status = %s", [status])
    assert reconcile(shop) == Missing(compared=1)
    assert len(shop.rows()) == 2


def test_an_order_that_was_dead_lettered_and_is_mended_is_enqueued_and_does_not_lack(shop):
    shop.place(1, "1150")
    shop.store.execute("UPDATE t_store_youshu_request SET status = 5")
    shop.move_house(1, "6.00", enqueue=False)
    assert reconcile(shop, enqueue=False) == reconcile(shop) == Missing(compared=1, mended=1)
    assert shop.states(1)[2:] == [("1110", 0), ("1150", 0)]
    assert reconcile(shop) == Missing(compared=1)


def test_a_state_that_lacks_of_an_order_that_was_dead_lettered_is_named(shop):
    shop.place(1, "1150")
    shop.store.execute("UPDATE t_store_youshu_request SET status = 5")
    shop.move_house(1, "6.00", enqueue=False)
    shop.reach(1, "1160", enqueue=False)
    found = reconcile(shop)
    assert (found.named, found.states, found.mended) == (["N1 1160"], 1, 0)
    assert [state for state, _ in shop.states(1)][2:] == ["1110", "1150", "1160"]


def test_a_hole_before_a_state_that_was_accepted_is_closed_and_not_sent_after_it(shop):
    shop.place(1, "1150", "1160")
    shop.store.execute("DELETE FROM t_store_youshu_request WHERE push_type = '1150'")
    shop.store.execute("UPDATE t_store_youshu_request SET status = 1")
    assert reconcile(shop).named == ["N1 1150"]
    assert shop.outbox().claim(9) == []
    assert shop.states(1) == [("1110", 1), ("1160", 1), ("1150", 4)]
    assert reconcile(shop).records == 0


def test_a_transaction_that_lasts_longer_than_the_lookback_is_never_captured_and_is_found(shop):
    captured_until_now(shop)
    with psycopg.connect(server_url("STORE_POSTGRES_URL")) as slow:
        slow.execute("SELECT 1")  # from here on it is one transaction
        ShopOrders(slow, moment=shop.moment).place(6, "1150", enqueue=False)
        capture(shop)
        assert reconcile(shop, "captured").records == 0, "nobody can see it yet"
        slow.commit()
    assert capture(shop) == 0
    assert reconcile(shop, "captured").named == ["N6 1110+1150"]
    assert (capture(shop), reconcile(shop, "captured").records) == (0, 0)


def test_a_backend_whose_clock_is_slow_is_found(shop):
    captured_until_now(shop)
    capture(shop)
    shop.moment += HOUR - timedelta(minutes=6)
    shop.place(6, enqueue=False)
    assert capture(shop) == 0
    assert reconcile(shop, "captured").named == ["N6 1110"]


def test_what_the_capture_has_yet_to_read_does_not_lack(shop):
    captured_until_now(shop)
    shop.moment += HOUR - timedelta(minutes=4)
    shop.place(6, enqueue=False)
    assert reconcile(shop, "captured").records == 0
    assert capture(shop) == 1


def test_without_a_capture_or_a_sender_there_is_nothing_to_compare(shop):
    shop.place(6, enqueue=False)
    assert reconcile(shop, "captured") == Missing()
    shop.store.execute("TRUNCATE youshu_push_sender")
    assert reconcile(shop) == Missing()


def test_what_changed_before_the_shop_was_first_pushed_does_not_lack(shop):
    shop.place(6, enqueue=False)
    shop.store.execute("UPDATE youshu_push_sender SET started_at = %s", [shop.moment + 2 * LOOKBACK])
    assert reconcile(shop) == Missing()
    shop.store.execute("UPDATE youshu_push_sender SET started_at = %s", [shop.moment])
    assert reconcile(shop).named == ["N6 1110"]


def test_older_days_other_sources_and_other_shops_are_left_alone(shop):
    shop.place(1, source=3, enqueue=False)
    ShopOrders(shop.store, shop="outlet", moment=shop.moment).place(2, enqueue=False)
    shop.moment -= timedelta(days=3)
    shop.place(3, enqueue=False)
    assert reconcile(shop) == Missing()
    assert reconcile(shop, days=4).named == ["N3 1110"]


def test_many_of_one_moment_are_compared_page_by_page(shop, monkeypatch):
    monkeypatch.setattr(order_reconcile, "PAGE", 3)
    for number in range(1, 11):
        shop.place(number, enqueue=number % 2 == 0)
    found = reconcile(shop)
    assert (found.compared, found.records) == (10, 5)
    assert len(found.named) == 5
    assert sorted(row["order_id"] for row in shop.rows()) == list(range(1, 11))


def test_an_order_that_a_transaction_holds_is_left_to_it_and_holds_up_no_other(shop):
    for number in (1, 2):
        shop.place(number, enqueue=False)
    with psycopg.connect(server_url("STORE_POSTGRES_URL")) as busy:
        busy.execute("SELECT youshu_enqueue_order(%s, 1)", [SHOP])
        assert reconcile(shop).named == ["N2 1110"]
    assert reconcile(shop).records == 0
    assert sorted(row["order_id"] for row in shop.rows()) == [1, 2]


@pytest.mark.parametrize("lacks", ["last_modify_time", "order_source"])
def test_what_no_capture_can_place_is_found_at_night(shop, lacks):
    """E.g. a column that is empty until an order is changed for the first time."""
    captured_until_now(shop)
    shop.store.execute(f"ALTER TABLE t_store_order ALTER {lacks} DROP NOT NULL")
    shop.place(1, "1150", enqueue=False)
    shop.place(2, enqueue=False)
    shop.store.execute(f"UPDATE t_store_order SET {lacks} = NULL WHERE id = 1")
    assert capture(shop) == 0
    for enqueue in (False, True):
        found = reconcile(shop, "captured", enqueue=enqueue)
        assert (found.named, found.undated) == (["N2 1110", "N1 1110+1150"], 1)
    assert sorted(row["order_id"] for row in shop.rows()) == [1, 1, 2]
    assert reconcile(shop, "captured").records == 0


def test_returns_that_no_capture_can_place_are_found_at_night(shop):
    shop.place(1, "1150")
    shop.give_back(1, 1, enqueue=False)
    shop.store.execute("ALTER TABLE t_store_order_return ALTER last_modify_time DROP NOT NULL")
    shop.store.execute("UPDATE t_store_order_return SET last_modify_time = NULL")
    assert reconcile(shop).named == ["R1 1290"]
    assert reconcile(shop).records == 0


def test_undated_orders_are_found_page_by_page_and_older_ones_are_left_alone(shop, monkeypatch):
    monkeypatch.setattr(order_reconcile, "PAGE", 3)
    shop.store.execute("ALTER TABLE t_store_order ALTER last_modify_time DROP NOT NULL")
    for number in range(1, 8):
        shop.place(number, enqueue=False)
    shop.moment -= timedelta(days=4)
    shop.place(8, enqueue=False)
    shop.store.execute("UPDATE t_store_order SET last_modify_time = NULL")
    assert reconcile(shop).undated == 7


def test_a_beginning_or_a_mark_that_is_yet_to_come_hides_nothing(shop):
    captured_until_now(shop)
    shop.store.execute("UPDATE youshu_capture SET read_until = now() + interval '3 hours'")
    shop.place(6, enqueue=False)
    shop.moment += HOUR - timedelta(minutes=4)
    shop.place(7, enqueue=False)
    assert reconcile(shop, "captured").named == ["N6 1110"], "7 has yet to be captured"


def test_what_a_backend_enqueued_from_an_old_snapshot_is_told_as_it_is_after_the_night(shop):
    """REPEATABLE READ: two transactions change one order, and neither sees the other."""
    shop.place(7, "1150")
    level = psycopg.IsolationLevel.REPEATABLE_READ
    with (
        psycopg.connect(server_url("STORE_POSTGRES_URL")) as one,
        psycopg.connect(server_url("STORE_POSTGRES_URL")) as two,
    ):
        one.isolation_level = two.isolation_level = level
        for session in (one, two):
            session.execute("SELECT 1 FROM t_store_order")
        one.execute("UPDATE t_store_order SET ship_time = %s WHERE id = 7", [shop.moment])
        one.execute("SELECT youshu_enqueue_order(%s, 7)", [SHOP])
        one.commit()
        two.execute("UPDATE t_store_order_item SET sku_name = '衫 紅' WHERE order_id = 7")
        two.execute("SELECT youshu_enqueue_order(%s, 7)", [SHOP])
        two.commit()
    assert reconcile(shop).records == 1
    newest = shop.rows(push_type="1160")[-1]
    assert "衫 紅" in newest["request_info"]
    assert reconcile(shop).records == 0

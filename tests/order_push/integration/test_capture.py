"""Orders of a shop whose backend calls nothing: every change is found, also one that is committed late."""

from __future__ import annotations

from datetime import timedelta

import psycopg
import pytest

from retail_pipeline.pipelines.order_push import capture as captures
from retail_pipeline.pipelines.order_push.capture import OrderCapture
from retail_pipeline.pipelines.order_push.watch import clock_finding
from tests.conftest import server_url
from tests.order_push.orders import NOON, SHOP, ShopOrders

OVERLAP = timedelta(minutes=5)


@pytest.fixture
def shop(store) -> ShopOrders:
    """Its clock is the database's, as a backend's is."""
    [(moment,)] = store.execute("SELECT statement_timestamp()").fetchall()
    return ShopOrders(store, moment=moment - timedelta(seconds=60))


@pytest.fixture
def capture(store) -> OrderCapture:
    return OrderCapture(store, SHOP, [1], OVERLAP)


def test_new_and_changed_orders_are_enqueued_once(shop, capture):
    shop.place(7, "1150", enqueue=False)
    assert (capture.capture(), capture.capture()) == (2, 0)
    shop.reach(7, "1160", enqueue=False)
    shop.place(8, enqueue=False)
    assert capture.capture() == 2
    assert [row["push_type"] for row in shop.rows()] == ["1110", "1150", "1160", "1110"]


def test_returns_are_captured_too(shop, capture):
    shop.place(7, "1150", enqueue=False)
    shop.store.execute(
        "INSERT INTO t_store_order_return VALUES (1, %s, 'R1', 7, now(), now(), 10, 0, now())", [SHOP]
    )
    shop.store.execute("INSERT INTO t_store_order_return_item VALUES (10, 1, 70, 1, 10)")
    assert capture.capture() == 3
    assert shop.rows()[-1]["return_code"] == "R1"


def test_what_is_committed_later_than_younger_changes_is_found(shop, capture):
    with psycopg.connect(server_url("STORE_POSTGRES_URL")) as slow:
        slow.execute("SELECT 1")  # from here on it is one transaction
        slow_shop = ShopOrders(slow, moment=shop.moment - timedelta(minutes=2))
        slow_shop.place(6, enqueue=False)
        shop.place(7, enqueue=False)
        capture.capture()
        assert [row["order_id"] for row in shop.rows()] == [7]
    capture.capture()
    assert [row["order_id"] for row in shop.rows()] == [7, 6]


def test_many_that_share_a_moment_are_read_page_by_page(shop, capture, monkeypatch):
    monkeypatch.setattr(captures, "PAGE", 3)
    for number in range(1, 11):
        shop.place(number, enqueue=False)
    assert capture.capture() == 10
    assert capture.capture() == 0


def test_a_capture_that_dies_between_two_pages_goes_on_where_it_was(shop, capture, monkeypatch):
    monkeypatch.setattr(captures, "PAGE", 3)
    for number in range(1, 11):
        shop.place(number, enqueue=False)
        shop.moment += timedelta(seconds=1)
    pages = iter([True, True])
    original = captures.query

    def dying(session, name, values):
        if name in ("youshu/capture/orders", "youshu/capture/returns") and not next(pages, False):
            raise RuntimeError("died")
        return original(session, name, values)

    monkeypatch.setattr(captures, "query", dying)
    with pytest.raises(RuntimeError):
        capture.capture()
    assert len(shop.rows()) == 6
    monkeypatch.setattr(captures, "query", original)
    capture.capture()
    assert [row["order_id"] for row in shop.rows()] == list(range(1, 11))


def test_orders_of_other_sources_and_of_before_the_first_time_are_left_alone(shop, capture):
    shop.moment -= timedelta(hours=1)
    shop.place(5, enqueue=False)
    shop.moment += timedelta(hours=1)
    shop.place(6, source=3, enqueue=False)
    assert capture.capture() == 0


def test_a_window_is_enqueued_by_hand_whatever_was_read(store):
    shop = ShopOrders(store)
    shop.place(5, "1150", enqueue=False)
    capture = OrderCapture(store, SHOP, [1], OVERLAP)
    assert capture.enqueue(NOON - timedelta(hours=1), NOON) == 0
    assert capture.enqueue(NOON, NOON + timedelta(minutes=1)) == 2
    assert store.execute("SELECT count(*) FROM youshu_capture").fetchall() == [(0,)]


def test_a_clock_that_was_ahead_for_a_drain_stops_no_capture_and_is_told(shop, capture):
    """A fail-over, a machine that was resumed: what was read «until» then is read until now."""
    capture.capture()
    shop.store.execute("UPDATE youshu_capture SET read_until = now() + interval '3 hours'")
    shop.place(7, enqueue=False)
    assert capture.capture() == 1
    assert clock_finding(shop.store, SHOP).kind
    assert shop.store.execute(
        "SELECT bool_and(read_until <= statement_timestamp()) FROM youshu_capture"
    ).fetchall() == [(True,)]
    shop.store.execute("UPDATE youshu_capture SET ahead_at = now() - interval '2 hours'")
    shop.place(8, enqueue=False)
    assert capture.capture() == 1
    assert clock_finding(shop.store, SHOP).kind is None


def test_a_page_at_a_time_goes_on_where_it_was(shop, capture, monkeypatch):
    monkeypatch.setattr(captures, "PAGE", 3)
    capture.capture()
    for number in range(1, 8):
        shop.moment += timedelta(seconds=1)
        shop.place(number, enqueue=False)
    assert [capture.capture(max_pages=1) for _ in range(3)] == [3, 3, 1]
    shop.moment += timedelta(seconds=1)
    shop.place(8, enqueue=False)
    assert capture.capture() == 1

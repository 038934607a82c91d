"""The comparison reads a page of orders and their rows of the outbox, however many there are, and without a lock."""

from __future__ import annotations

import tracemalloc
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from retail_pipeline.databases.statements import statement
from retail_pipeline.pipelines.order_push.reconcile import PAGE, OrderReconcile
from retail_pipeline.settings.retail import Shop
from tests.conftest import server_url
from tests.order_push.integration.test_outbox_plans import nodes, rows_read
from tests.order_push.orders import SHOP

ORDERS = 10_000
LOOKBACK = timedelta(minutes=5)


@pytest.fixture
def shop(store) -> psycopg.Connection[Any]:
    """A shop of 10,000 orders of the last ten days, each with two states in the outbox, and as many returns."""
    for sql in _FILLING:
        store.execute(sql)
    return store


_FILLING = (
    "INSERT INTO youshu_push_sender (shop, seen_at, waiting, started_at) VALUES ('flagship', now(), 0, '-infinity')",
    "INSERT INTO t_store_order (id, shop, order_code, order_source, status, create_time, pay_time, goods_amount,"
    " freight_amount, payable_amount, payment_amount, last_modify_time)"
    " SELECT n, 'flagship', 'N' || n, 1, 'paid', t, t, 30, 0, 30, 30, t FROM generate_series(1, 10000) AS n,"
    " LATERAL (SELECT now() - interval '10 days' + n * interval '80 seconds' AS t) AS moment",
    "INSERT INTO t_store_order_item SELECT id, id, 'S1', 'S', '衫', '衫', 'red', 'M', 1, 30, 30 FROM t_store_order",
    "INSERT INTO t_store_order_return"
    " SELECT id, shop, 'R' || id, id, create_time, create_time, 10, 0, last_modify_time FROM t_store_order",
    "INSERT INTO t_store_order_return_item SELECT id, id, id, 1, 10 FROM t_store_order",
    "INSERT INTO t_store_order_coupon SELECT id, id, 1, 'C', 'B', '券', 1 FROM t_store_order",
    "ANALYZE",
    "INSERT INTO t_store_youshu_request (shop, order_id, order_code, push_type, event_time, request_info, status)"
    " SELECT shop, order_id, order_code, s.state, s.began, detail::text, 1 FROM youshu_order_push,"
    " LATERAL (VALUES ('1110', created_at), ('1150', paid_at)) AS s (state, began)",
    "INSERT INTO t_store_youshu_request"
    " (shop, order_id, order_code, push_type, return_code, event_time, request_info, status)"
    " SELECT shop, order_id, order_code, '1290', return_code, finished_at, detail::text, 1 FROM youshu_return_push",
    "ANALYZE",
)


def reconcile(session: psycopg.Connection[Any]) -> OrderReconcile:
    shop = Shop(
        name=SHOP, store_conn_id="", wechat_conn_id="", youshu_conn_id="", reports=(), orders="enqueued"
    )
    return OrderReconcile(session, shop, LOOKBACK)


@pytest.mark.parametrize("what", ["orders", "returns"])
def test_a_page_reads_its_own_orders_and_their_own_rows(shop, what):
    [(now,)] = shop.execute("SELECT now()").fetchall()
    values = {
        "shop": SHOP, "order_sources": [1], "until": now - LOOKBACK, "limit": PAGE, "only": None,
        "after_time": now - timedelta(days=3), "after_id": -1,
    }  # fmt: skip
    sql = "EXPLAIN (ANALYZE, FORMAT JSON) " + statement(f"youshu/compare/{what}")
    [([explained],)] = shop.execute(sql, values).fetchall()
    read: dict[str, float] = {}
    for node in nodes(explained["Plan"]):
        if "Relation Name" in node and "Scan" in node["Node Type"]:
            assert node["Node Type"] != "Seq Scan", node["Relation Name"]
            read[node["Relation Name"]] = read.get(node["Relation Name"], 0) + rows_read(node)
    rows_of_an_order = 4
    assert read["t_store_youshu_request"] <= rows_of_an_order * PAGE
    assert max(read.values()) <= rows_of_an_order * PAGE


@pytest.mark.long
def test_ten_thousand_orders_are_compared_in_flat_memory(shop):
    tracemalloc.start()
    try:
        missing = reconcile(shop).reconcile(30, enqueue=True)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert 1.9 * ORDERS < missing.compared <= 2 * ORDERS
    assert missing.records == 0
    assert peak < 4_000_000


@pytest.mark.long
def test_neither_a_locked_order_nor_a_locked_row_of_the_outbox_holds_it_up(shop):
    with psycopg.connect(server_url("STORE_POSTGRES_URL")) as busy:
        busy.execute("SELECT FROM t_store_order FOR UPDATE")
        busy.execute("SELECT FROM t_store_youshu_request FOR UPDATE")
        shop.execute("SET lock_timeout = '1s'")
        assert reconcile(shop).reconcile(1, enqueue=True).records == 0

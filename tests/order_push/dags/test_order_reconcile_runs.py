"""Whole runs of the nightly comparison by ``dag.test()``: what lacks is enqueued, and heard of once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from airflow.dag_processing.dagbag import DagBag

from retail_pipeline.orchestration.task_failure import TaskFailureNotifier
from tests import planned
from tests.alerts.alert_receiver import AlertReceiver
from tests.order_push.orders import SHOP, ShopOrders

Run = Callable[..., dict[str, str]]


@pytest.fixture
def run(bag: DagBag, store: psycopg.Connection, warehouse: psycopg.Connection, alerts: AlertReceiver) -> Run:
    store.execute(
        "INSERT INTO youshu_push_sender (shop, seen_at, waiting, started_at)"
        " SELECT shop, now(), 0, '-infinity' FROM unnest('{flagship,outlet}'::text[]) AS shop"
    )

    def test(**conf: Any) -> dict[str, str]:
        result = bag.dags["youshu_order_reconcile"].test(run_conf=conf)
        tasks = [ti for ti in result.get_task_instances() if ti.map_index >= 0]
        return {ti.rendered_map_index: str(ti.state) for ti in tasks}

    return test


@pytest.fixture
def shop(store: psycopg.Connection) -> ShopOrders:
    [(moment,)] = store.execute("SELECT statement_timestamp() - interval '2 hours'").fetchall()
    for number, name in ((8, SHOP), (9, "outlet")):
        ShopOrders(store, shop=name, moment=moment).place(number)
    return ShopOrders(store, moment=moment)


def of(shop: ShopOrders, number: int) -> list[str]:
    return [state for state, _ in shop.states(number)]


@pytest.mark.long
def test_missing_orders_are_enqueued_and_alert_once_until_a_night_finds_none(
    run: Run, shop: ShopOrders, alerts: AlertReceiver
) -> None:
    shop.place(1, "1150", enqueue=False)
    assert run() == {"flagship": "success", "outlet": "success"}
    assert of(shop, 1) == ["1110", "1150"]
    assert alerts.titles == [f"orders were not enqueued (订单漏入队): enqueuing of {SHOP}"]
    told = alerts.messages[0]["message"]
    assert "N1 1110+1150" in told
    assert "youshu_enqueue_order" in told
    shop.place(2, enqueue=False)
    run()
    assert of(shop, 2) == ["1110"]
    assert len(alerts.titles) == 1, "the same trouble, heard of already"
    run()
    run()
    assert len(alerts.titles) == 2
    assert alerts.titles[1].startswith("recovered at ")


def test_a_shop_whose_name_the_view_does_not_have_alerts_once_until_it_has(
    run: Run, shop: ShopOrders, alerts: AlertReceiver
) -> None:
    shop.store.execute("UPDATE t_store_order SET shop = 'outlet-1' WHERE shop = 'outlet'")
    for _ in range(2):
        run()
    assert alerts.titles == ["the view has no orders of it (视图中无该店铺订单): name of outlet in the view"]
    assert "did you mean 'outlet-1'?" in alerts.messages[0]["message"]
    shop.store.execute("UPDATE t_store_order SET shop = 'outlet' WHERE shop = 'outlet-1'")
    for _ in range(2):
        run()
    assert len(alerts.titles) == 2
    assert alerts.titles[1].startswith("recovered at ")


@pytest.mark.long
def test_days_further_back_are_compared_where_they_are_asked_for(run: Run, shop: ShopOrders) -> None:
    shop.moment -= timedelta(days=10)
    shop.place(1, enqueue=False)
    run()
    assert of(shop, 1) == []
    run(days=11)
    assert of(shop, 1) == ["1110"]


def test_the_comparison_waits_for_the_nightly_slot_and_its_failure_alerts(
    bag: DagBag, warehouse: psycopg.Connection, alerts: AlertReceiver
) -> None:
    task = bag.dags["youshu_order_reconcile"].get_task("reconcile_orders")
    assert task.partial_kwargs["pool"] == "nightly_scans"
    assert isinstance(task.partial_kwargs["on_failure_callback"][0], TaskFailureNotifier)
    operator = type("Failed", (), {"watch": "youshu_order_reconcile"})()
    operator.failure = lambda why: task.operator_class(
        task_id="reconcile_orders", shop=planned.shop(SHOP)
    ).failure(why)
    TaskFailureNotifier().notify({"task": operator, "exception": RuntimeError("connection refused")})
    assert alerts.titles == [f"orders cannot be compared with the outbox: comparison of the orders of {SHOP}"]

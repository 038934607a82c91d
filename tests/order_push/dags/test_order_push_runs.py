"""Whole runs of the order push by ``dag.test()``, on real databases and the sandbox."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from airflow.dag_processing.dagbag import DagBag

from retail_pipeline import clock
from retail_pipeline.business_time import business_date_of_run
from retail_pipeline.pipelines.order_push.sender_lock import SenderLock
from sandbox.shop.tables import Wish, fill_tables
from tests.alerts.alert_receiver import AlertReceiver
from tests.conftest import server_url
from tests.sandbox_control import SandboxControl

DAY = business_date_of_run(clock.now()) - timedelta(days=1)
WINDOW = {"window_from": f"{DAY} 00:00:00", "window_to": f"{DAY + timedelta(days=1)} 04:00:00"}
STATES = (
    "SELECT (SELECT count(*) FROM t_store_order_return JOIN t_store_order AS o ON o.id = order_id"
    " WHERE o.order_source = 1) + sum(1 + (cancel_time IS NOT NULL)::int + (pay_time IS NOT NULL)::int"
    " + (ship_time IS NOT NULL)::int + (finish_time IS NOT NULL)::int) FROM t_store_order WHERE order_source = 1"
)

Run = Callable[..., dict[tuple[str, str], str]]


@pytest.fixture
def run(bag: DagBag, store: psycopg.Connection, warehouse: psycopg.Connection, alerts: AlertReceiver) -> Run:
    def test(**conf: Any) -> dict[tuple[str, str], str]:
        result = bag.dags["youshu_order_push"].test(run_conf=conf)
        return {(ti.task_id, ti.rendered_map_index): str(ti.state) for ti in result.get_task_instances()}

    return test


def test_a_window_of_both_shops_is_enqueued_and_pushed_and_a_second_run_sends_nothing(
    run: Run, store: psycopg.Connection, sandbox: SandboxControl
) -> None:
    for shop in ("flagship", "outlet"):
        fill_tables(store, Wish(shop, DAY, DAY, orders_per_day=60, seed=1))
    states = run(**WINDOW)
    assert states["push_orders_once", "flagship"] == states["push_orders_once", "outlet"] == "success"
    assert "skipped" in {state for (task, _), state in states.items() if task == "push_orders"}
    [(expected,)] = store.execute(STATES).fetchall()
    [totals] = sandbox.ask("order_totals")
    assert (totals["states"], totals["regressions"], totals["duplicates"]) == (expected, 0, 0)
    run(**WINDOW)
    assert sandbox.ask("order_totals") == [totals]


def test_a_shop_with_wrong_credentials_fails_alone_and_loses_nothing(
    run: Run, store: psycopg.Connection, sandbox: SandboxControl, alerts: AlertReceiver
) -> None:
    for shop in ("flagship", "outlet"):
        fill_tables(store, Wish(shop, DAY, DAY, orders_per_day=20, seed=1))
    sandbox.fault(
        "/data-api/v1/order", "error", app="outlet", body={"retcode": 15, "errmsg": "merchant verify fail"}
    )
    states = run(**WINDOW)
    assert (states["push_orders_once", "flagship"], states["push_orders_once", "outlet"]) == (
        "success",
        "failed",
    )
    open_rows = store.execute(
        "SELECT shop, count(*) FILTER (WHERE status IN (0, 2, 3)) > 0, count(*) FILTER (WHERE status = 5)"
        " FROM t_store_youshu_request GROUP BY shop ORDER BY shop"
    ).fetchall()
    assert open_rows == [("flagship", False, 0), ("outlet", True, 0)]
    assert alerts.titles == ["orders cannot be sent: push of outlet"]
    assert "merchant verify fail" in alerts.messages[0]["message"]


def test_the_monitor_alerts_for_each_shop_that_has_no_sender(
    bag: DagBag, store: psycopg.Connection, warehouse: psycopg.Connection, alerts: AlertReceiver
) -> None:
    store.execute(
        "INSERT INTO youshu_push_sender (shop, seen_at, waiting) VALUES ('outlet', now() + interval '3 minutes', 0)"
    )
    with psycopg.connect(server_url("STORE_POSTGRES_URL"), autocommit=True) as session:
        assert SenderLock(session, "outlet", 1).take(0)
        result = bag.dags["youshu_push_monitor"].test()
    watches = [ti for ti in result.get_task_instances() if ti.task_id == "watch_outbox"]
    assert [str(ti.state) for ti in watches] == ["success", "success"]
    assert alerts.titles == ["nobody sends orders: sender of flagship"]


def test_helpers_send_beside_a_sender_that_would_take_too_long(
    bag: DagBag,
    store: psycopg.Connection,
    warehouse: psycopg.Connection,
    alerts: AlertReceiver,
    sandbox: SandboxControl,
) -> None:
    fill_tables(store, Wish("flagship", DAY, DAY, orders_per_day=60, seed=1))
    store.execute("SELECT youshu_enqueue_order('flagship', id) FROM t_store_order WHERE order_source = 1")
    store.execute(
        "INSERT INTO youshu_push_sender (shop, seen_at, waiting, orders_per_second)"
        " VALUES ('flagship', now() + interval '3 minutes', 0, 0.2), ('outlet', now() + interval '3 minutes', 0, 0.2)"
    )
    with ExitStack() as opened:
        for shop in ("flagship", "outlet"):
            session = opened.enter_context(psycopg.connect(server_url("STORE_POSTGRES_URL"), autocommit=True))
            assert SenderLock(session, shop, 1).take(0)
        result = bag.dags["youshu_push_monitor"].test()
    tasks = [(ti.task_id, ti.rendered_map_index, str(ti.state)) for ti in result.get_task_instances()]
    assert {state for _, _, state in tasks} == {"success"}
    assert ("help_push", "flagship", "success") in tasks
    assert ("help_push", "outlet", "success") not in tasks
    [totals] = sandbox.ask("order_totals")
    assert (totals["states"], totals["regressions"], totals["duplicates"]) == (waiting_at_first(store), 0, 0)


def waiting_at_first(store: psycopg.Connection) -> int:
    [(count,)] = store.execute("SELECT count(*) FROM t_store_youshu_request").fetchall()
    return int(count)

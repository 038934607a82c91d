"""One task sends for all shops: a shop that is refused or cannot be reached neither ends nor delays the others."""

from __future__ import annotations

import json
import logging
import os
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from queue import SimpleQueue
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest
from airflow.sdk.exceptions import AirflowFailException
from structlog.contextvars import bound_contextvars, get_contextvars

from retail_pipeline.alerts.daemon_threads import Aside
from retail_pipeline.alerts.daemon_threads import begin as begin_aside
from retail_pipeline.errors import TaskStopped
from retail_pipeline.orchestration.dag_defaults import resident_task_defaults
from retail_pipeline.orchestration.retry_policies import WhileTransient
from retail_pipeline.pipelines.order_push.drain import OrderPusher
from retail_pipeline.pipelines.order_push.operators import PushOrdersOperator
from retail_pipeline.pipelines.order_push.order_sending import Batch, BatchSender, End, Outcome
from retail_pipeline.pipelines.order_push.outbox import Outbox
from tests import planned
from tests.alerts.alert_receiver import AlertReceiver
from tests.clients import youshu_client
from tests.order_push.faults.pushes import Pushes
from tests.order_push.faults.sender_process import RUN_AFTER
from tests.order_push.faults.test_push_loop import OUTBOX, until
from tests.order_push.orders import ShopOrders
from tests.patience import PATIENCE

FLAGSHIP, OUTLET = "flagship", "outlet"
REFUSED = {"retcode": 15, "errmsg": "merchant verify fail"}
AWAY = {"conn_type": "postgres", "host": "127.0.0.1", "port": 1, "login": "x", "schema": "x"}
Begin = Callable[..., tuple[PushOrdersOperator, Future[Any]]]


@pytest.fixture
def pushes(store: Any, sandbox: Any, simulated_clock: Any, warehouse: Any) -> Pushes:
    [(moment,)] = store.execute("SELECT statement_timestamp() - interval '10 seconds'").fetchall()
    return Pushes(ShopOrders(store, moment=moment), sandbox, simulated_clock)


@pytest.fixture
def outlet(pushes: Pushes) -> ShopOrders:
    return ShopOrders(pushes.shop.store, OUTLET, pushes.shop.moment)


@pytest.fixture
def begin(pushes: Pushes, alerts: AlertReceiver) -> Iterator[Begin]:
    """Begin scheduled runs in threads, each newer than the one before; all are stopped in the end."""
    tasks: list[PushOrdersOperator] = []
    with ThreadPoolExecutor(4) as threads:

        def begin(
            outlet_conn_id: str = "store_postgres", **how: Any
        ) -> tuple[PushOrdersOperator, Future[Any]]:
            shops = [planned.shop(FLAGSHIP), {**planned.shop(OUTLET), "store_conn_id": outlet_conn_id}]
            defaults = {name: resident_task_defaults()[name] for name in ("retries", "retry_policy")}
            task = PushOrdersOperator(task_id="push_orders", subjects=shops, **{**defaults, **how})
            tasks.append(task)
            after = RUN_AFTER + len(tasks) * timedelta(minutes=10)
            run = SimpleNamespace(run_type="scheduled", run_id="one", run_after=after, logical_date=after)
            context = {"dag_run": run, "ti": SimpleNamespace(try_number=1), "params": {}}
            return task, threads.submit(task.execute, context)

        yield begin
        for task in tasks:
            task.on_kill()


@pytest.fixture
def away(monkeypatch: pytest.MonkeyPatch) -> str:
    """A connection with a database that is not there."""
    monkeypatch.setenv("AIRFLOW_CONN_OUTLET_AWAY", json.dumps(AWAY))
    return "outlet_away"


def accepted(pushes: Pushes, shop: str, number: int) -> None:
    until(
        pushes, f"EXISTS (SELECT FROM {OUTBOX} WHERE shop = '{shop}' AND order_id = {number} AND status = 1)"
    )


def arrived(pushes: Pushes, shop: str, runs: int) -> None:
    """Wait until so many runs are there for a shop."""
    until(
        pushes,
        f"{runs} = (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 2 AND granted"
        f" AND classid = hashtext('youshu_push_run/{shop}')::oid)",
    )


def heard(warehouse: psycopg.Connection[Any], subject: str) -> None:
    """Wait until every channel has taken an alert."""
    sent = f"EXISTS (SELECT FROM etl_alert WHERE shop = '{subject}' AND sent_at IS NOT NULL)"
    warehouse.execute(f"SET statement_timeout = '{PATIENCE:.0f}s'")
    warehouse.execute(f"DO $$ BEGIN WHILE NOT ({sent}) LOOP PERFORM pg_sleep(0.02); END LOOP; END $$")


def test_a_shop_that_is_refused_is_heard_at_once_and_the_other_is_sent(
    pushes: Pushes,
    outlet: ShopOrders,
    begin: Begin,
    alerts: AlertReceiver,
    warehouse: psycopg.Connection[Any],
) -> None:
    pushes.sandbox.fault("/data-api/v1/order", "error", app=OUTLET, body=REFUSED)
    pushes.shop.place(1)
    outlet.place(2)
    _, running = begin()
    heard(warehouse, f"push of {OUTLET}")
    accepted(pushes, FLAGSHIP, 1)
    pushes.shop.place(3)
    accepted(pushes, FLAGSHIP, 3)
    assert not running.done()

    begin()
    arrived(pushes, FLAGSHIP, 2)
    begin()
    with pytest.raises(AirflowFailException, match=f"^{OUTLET}: .*merchant verify fail"):
        running.result(PATIENCE)
    assert alerts.titles == [f"orders cannot be sent: push of {OUTLET}"]


def test_a_shop_that_cannot_be_reached_is_tried_again_until_it_is_back(
    pushes: Pushes, outlet: ShopOrders, begin: Begin, alerts: AlertReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(PATIENCE)
        refusing = json.dumps({**AWAY, "port": silent.getsockname()[1]})
        monkeypatch.setenv("AIRFLOW_CONN_OUTLET_AWAY", refusing)
        begin("outlet_away", retry_policy=WhileTransient(min_wait=timedelta(0)))
        for _ in range(2):
            silent.accept()[0].close()
        pushes.shop.place(1)
        accepted(pushes, FLAGSHIP, 1)
    outlet.place(2)
    monkeypatch.setenv("AIRFLOW_CONN_OUTLET_AWAY", os.environ["AIRFLOW_CONN_STORE_POSTGRES"])
    accepted(pushes, OUTLET, 2)
    assert alerts.titles == []


def test_a_run_stays_while_one_is_newer_and_leaves_all_shops_to_two_that_are(
    pushes: Pushes, outlet: ShopOrders, begin: Begin, away: str
) -> None:
    """Newer runs cannot reach a shop that the old one can: it goes on with it for as long as it stays at all."""
    _, running = begin()
    arrived(pushes, OUTLET, 1)
    begin(away)
    arrived(pushes, FLAGSHIP, 2)
    outlet.place(1)
    accepted(pushes, OUTLET, 1)
    pushes.shop.place(2)
    accepted(pushes, FLAGSHIP, 2)
    assert not running.done()

    begin(away)
    done = running.result(PATIENCE)
    assert done[OUTLET]["accepted"] == 1
    arrived(pushes, OUTLET, 0)
    arrived(pushes, FLAGSHIP, 2)


def test_a_stop_ends_all_shops_at_once_also_one_that_waits_for_its_next_try(
    pushes: Pushes, begin: Begin, alerts: AlertReceiver, away: str
) -> None:
    task, running = begin(away)
    arrived(pushes, FLAGSHIP, 1)
    task.on_kill()
    with pytest.raises(TaskStopped):
        running.result(PATIENCE)
    arrived(pushes, FLAGSHIP, 0)
    assert alerts.titles == []


def test_the_log_knows_whose_line_it_is_also_where_it_does_not_name_the_shop(
    pushes: Pushes, outlet: ShopOrders, begin: Begin
) -> None:
    lines: SimpleQueue[tuple[str, Any]] = SimpleQueue()
    handler = logging.Handler()
    handler.emit = lambda line: lines.put((line.getMessage(), get_contextvars().get("subject")))  # type: ignore[method-assign]
    log = logging.getLogger("retail_pipeline.pipelines.order_push")
    log.addHandler(handler)
    told: dict[str, Any] = {}
    try:
        for shop, number in ((pushes.shop, 1), (outlet, 2)):
            shop.place(number)
        pushes.shop.store.execute(f"UPDATE {OUTBOX} SET request_info = '[1]'")
        begin()
        while not told.keys() >= {"dead-lettered: N1 1110", "dead-lettered: N2 1110"}:
            message, subject = lines.get(timeout=PATIENCE)
            assert subject in {FLAGSHIP, OUTLET}, message
            told[message] = subject
    finally:
        log.removeHandler(handler)
    assert told["dead-lettered: N1 1110"] == FLAGSHIP
    assert told["dead-lettered: N2 1110"] == OUTLET


def test_the_threads_that_call_and_that_alert_know_it_too(pushes: Pushes) -> None:
    known = []

    class Noting(BatchSender):
        def send(self, batch: Batch) -> list[Outcome]:
            known.append(get_contextvars().get("subject"))
            return super().send(batch)

    pushes.shop.place(1)
    source = pushes.sandbox.credentials("youshu")["data_source_id"]
    outbox = Outbox(pushes.session(), FLAGSHIP, pushes.settings, (1,))
    pusher = OrderPusher(outbox, Noting(youshu_client(pushes.sandbox), source), pushes.settings)
    with bound_contextvars(subject=FLAGSHIP):
        assert pushes.drain(pusher)[End.ACCEPTED] == 1
        with Aside() as aside:
            aside.do("note", lambda: known.append(get_contextvars().get("subject")))
        known.append(begin_aside(lambda: get_contextvars().get("subject")).result(PATIENCE))
    assert known == [FLAGSHIP] * 3

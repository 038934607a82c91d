"""Who sends a shop's orders and looks after its outbox needs no more than the role for it."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner

from retail_pipeline.cli.main import retail
from retail_pipeline.databases.postgres_session import query
from retail_pipeline.databases.view_contract import Examined, examine
from retail_pipeline.errors import TaskStopped
from retail_pipeline.monitors.settings import handing_over
from retail_pipeline.monitors.settings.orphans import OUTBOX, Orphan
from retail_pipeline.orchestration.sessions import open_postgres
from retail_pipeline.pipelines.order_push.operators import (
    HelpPushOrdersOperator,
    PlanPushHelpersOperator,
    PushOrdersOnceOperator,
    PushOrdersOperator,
)
from retail_pipeline.pipelines.order_push.order_views import ORDER_PUSH
from retail_pipeline.pipelines.order_push.watch_operators import ReconcileOrdersOperator, WatchOutboxOperator
from retail_pipeline.settings.file import load_settings
from tests import planned
from tests.databases.faults.under_roles import store
from tests.jushita_sys_info.runs import SysInfoRuns
from tests.order_push.orders import SHOP, ShopOrders
from tests.patience import PATIENCE

__all__ = ["store"]  # a fixture
HOUR = timedelta(hours=1)


def run_of(clock: Any, run_type: str, **params: Any) -> dict[str, Any]:
    """Return the context of a run of the present."""
    context = SysInfoRuns(clock, None, None).context(run_type)
    return {**context, "params": params, "ti": SimpleNamespace(try_number=1)}


@pytest.mark.long
def test_the_order_push_needs_no_more(store, sandbox, alerts, simulated_clock):
    shop = ShopOrders(store)
    shop.place(1, "1150", "1160")
    shop.place(2, "1150", enqueue=False)
    simulated_clock.set(shop.moment + 2 * HOUR)
    window = {"window_from": "2026-11-23 11:00:00", "window_to": "2026-11-23 13:00:00"}
    PushOrdersOnceOperator(task_id="push_orders_once", shop=planned.shop(SHOP)).execute(
        run_of(simulated_clock, "manual", **window)
    )
    assert {row["status"] for row in shop.rows()} == {1}
    assert len(shop.rows()) == 5

    shop.place(3, "1150", enqueue=False)
    simulated_clock.set(shop.moment + 3 * HOUR)
    WatchOutboxOperator(task_id="watch_outbox", shop=planned.shop(SHOP)).execute({})
    PlanPushHelpersOperator(task_id="plan").poke(run_of(simulated_clock, "manual"))
    result = CliRunner().invoke(retail, ["youshu", "enqueue", "--shop", SHOP, "N3"])
    assert result.exit_code == 0, result.output
    assert len(shop.rows()) == 7

    store.execute(
        "INSERT INTO youshu_enqueue_fault (shop, kind, source_id, code, error, since)"
        " VALUES (%s, 'order', 5, '42P01', 'x', now())",
        [SHOP],
    )
    shop.place(5, enqueue=False)
    HelpPushOrdersOperator(task_id="help_push", subjects=[planned.shop(SHOP)]).execute({})
    assert shop.states(5) == [("1110", 1)]


def test_whoever_looks_after_the_outbox_needs_no_more(store, sandbox, alerts, simulated_clock):
    shop = ShopOrders(store)
    simulated_clock.set(shop.moment + 3 * HOUR)
    shop.place(4, enqueue=False)
    with open_postgres("store_postgres") as sender:  # as at every sweep: a run by hand does not
        assert examine(sender, "", ORDER_PUSH, [SHOP], simulated_clock.moment) == Examined([], 1)
        seen = {"shop": SHOP, "now": simulated_clock.moment, "waiting": 0, "rate": None, "error": None}
        query(sender, "youshu/push_watch/seen", seen)
    store.execute("UPDATE youshu_push_sender SET started_at = '-infinity'")
    ReconcileOrdersOperator(task_id="reconcile", shop=planned.shop(SHOP)).execute(
        run_of(simulated_clock, "manual", days=90)
    )
    assert len(shop.rows()) == 1

    orphan = Orphan(OUTBOX, "gone", "store_postgres", "")
    handing_over.hand_over(orphan, SHOP, load_settings())
    handing_over.close(orphan)


@pytest.mark.parametrize(("name", "enqueues"), [("flagship", True), ("outlet", False)])
def test_a_sender_that_stays_needs_no_more(store, sandbox, alerts, simulated_clock, name, enqueues):
    [(moment,)] = store.execute("SELECT statement_timestamp() - interval '10 seconds'").fetchall()
    shop = ShopOrders(store, name, moment)
    if not enqueues:
        shop.place(1, "1150", enqueue=False)
    task = PushOrdersOperator(task_id="push_orders", subjects=[planned.shop(name)])
    with ThreadPoolExecutor(1) as threads:
        running = threads.submit(task.execute, run_of(simulated_clock, "scheduled"))
        running.add_done_callback(lambda ended: wait_no_more(store, ended))
        if enqueues:  # the clock stands still: only the shop's commit wakes a sender that has looked
            until(store, f"EXISTS (SELECT FROM youshu_push_sender WHERE shop = '{name}')")
            shop.place(1, "1150")
        until(store, "EXISTS (SELECT FROM t_store_youshu_request WHERE push_type = '1150' AND status = 1)")
        task.on_kill()
        with pytest.raises(TaskStopped):
            running.result(PATIENCE)
    assert shop.states(1) == [("1110", 1), ("1150", 1)]
    [(marks,)] = store.execute("SELECT count(*) FROM youshu_capture WHERE shop = %s", [name]).fetchall()
    assert bool(marks) is not enqueues


def wait_no_more(store: Any, ended: Future[Any]) -> None:
    """End what waits for a sender that has failed."""
    if not isinstance(ended.exception(), TaskStopped):
        store.cancel()


def until(store: Any, condition: str) -> None:
    """Wait in the database until something is so."""
    store.execute(f"SET statement_timeout = '{PATIENCE:.0f}s'")
    store.execute(f"DO $$ BEGIN WHILE NOT ({condition}) LOOP PERFORM pg_sleep(0.02); END LOOP; END $$")

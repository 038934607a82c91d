"""
### What
`plan_shops` lists the shops; `reconcile_orders` compares every shop's orders and returns of the last days with its
outbox, every night. An order that has reached a state which was never enqueued, or that has changed since it was last
enqueued, is enqueued, and `youshu_order_push` sends it. Where orders were missing it alerts once, with the number,
since when, and the possible cause; and once when a night finds nothing missing. It finds changes that the capture
missed (a transaction that lasted longer than `capture_lookback_seconds`, a backend whose clock is slow) and changes
that a backend forgot to enqueue.

### In
The views `youshu_order_push` and `youshu_return_push` in the shop's database, page by page, without a lock;
`t_store_youshu_request`; how far the capture has read. Changes from before the shop was first pushed are left out.

### Out
Rows in `t_store_youshu_request`, by the functions that the backend calls; alerts, recorded in `etl_alert`.

### Rerun
Any time: nothing is enqueued twice, and no older state is sent after a newer one. Further back: trigger with `days`,
or use `retail youshu reconcile --days 30`, which only reports, and enqueues with `--enqueue`.

### If it fails
It is tried again; when it gives up, it alerts, and the log names the connection to correct. Pages that were done stay
done. See `docs/runbook.md`.
"""

from __future__ import annotations

from airflow.sdk import DAG
from pendulum import datetime, duration

from retail_pipeline.orchestration.dag_defaults import (
    ORDER_RECONCILE_PARAMS,
    daily_at,
    load_task_defaults,
    plan_task_defaults,
)
from retail_pipeline.orchestration.plan_operators import PlanPushingShopsOperator
from retail_pipeline.orchestration.task_failure import TaskFailureNotifier
from retail_pipeline.pipelines.order_push.watch_operators import ReconcileOrdersOperator
from retail_pipeline.settings.file import load_settings

SETTINGS = load_settings()

with DAG(
    dag_id="youshu_order_reconcile",
    dag_display_name="Orders to Youshu nightly comparison",
    description="Compares the shops' orders with the outbox, and enqueues what was left behind.",
    doc_md=__doc__,
    schedule=daily_at(SETTINGS.order_push.reconcile_at),
    start_date=datetime(2026, 1, 1, tz="Asia/Shanghai"),
    catchup=False,
    max_active_runs=1,
    params=ORDER_RECONCILE_PARAMS,
    default_args={
        **load_task_defaults(),
        "execution_timeout": duration(hours=2),
        "on_failure_callback": TaskFailureNotifier(),
        "pool": "nightly_scans",
        "priority_weight": 100,  # minutes a shop: it waits for one table of sys_info, not for all of them
    },
    tags=["youshu", "orders", "watchdog"],
):
    plan = PlanPushingShopsOperator(task_id="plan_shops", pool="default_pool", **plan_task_defaults())
    ReconcileOrdersOperator.partial(
        task_id="reconcile_orders", map_index_template="{{ task.shop.name }}"
    ).expand(shop=plan.output)

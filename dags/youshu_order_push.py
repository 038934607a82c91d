"""
### What
Pushes every order, every state of it and every return to Tencent Youshu within five minutes. `plan_senders` lists the
shops. One task, `push_orders`, sends for all of them, each shop in its own thread. The thread wakes when the shop
commits, and checks the outbox every 30 s in any case. Each run takes over from the one before it, which stands by
until another one comes: whatever ends a sender, its standby continues within a second, also while the scheduler is
down. When orders pile up, a shop gets more threads; where that is not enough, `youshu_push_monitor` starts helpers.

### In
`t_store_youshu_request` in the shop's database, filled by `youshu_enqueue_order(…)`, which the backend calls in its
own transaction; or, where `orders: captured`, by reading changed orders through the view `youshu_order_push`.

### Out
Youshu `order/add_order`, `order/update`, `return_order/add`; in the row of the outbox, what Youshu answered and when.

### Rerun
Any time: what was accepted is not sent again. `push_orders_once`, which has slots of its own, enqueues the orders
that were changed in a window, where they are not known yet, and pushes them for the shops that `plan_by_hand` lists:
trigger with `window_from` and `window_to`, or
`airflow backfill create --dag-id youshu_order_push --from-date 2026-11-01T00:10+08:00
--to-date 2026-11-02T00:00+08:00`

### If it fails
Network, database, Youshu down: it tries again by itself; nothing is lost, and the order of states is kept. It alerts,
with the cause, when an order has waited for four minutes, when Youshu refuses one for good (a dead letter), and when
credentials are wrong; the message names the field to correct. Other shops go on; a task that ends as failed names the
shops that it could not serve, and the next run tries them. `retail youshu backlog` shows what waits and why. See
`docs/runbook.md`.
"""

from __future__ import annotations

from airflow.sdk import DAG
from pendulum import datetime

from retail_pipeline.orchestration.dag_defaults import (
    WINDOW_PARAMS,
    every,
    plan_task_defaults,
    push_task_defaults,
    resident_task_defaults,
)
from retail_pipeline.pipelines.order_push.operators import (
    EVERY_MINUTES,
    PlanPushOperator,
    PushOrdersOnceOperator,
    PushOrdersOperator,
)

with DAG(
    dag_id="youshu_order_push",
    dag_display_name="Orders → Youshu (within five minutes)",
    description="Sends each order, each of its states and each return to Tencent Youshu within five minutes.",
    doc_md=__doc__,
    schedule=every(EVERY_MINUTES),
    start_date=datetime(2026, 1, 1, tz="Asia/Shanghai"),
    catchup=False,
    # Three scheduled runs: a sender, its standby and the one that takes over. The rest is for manual runs, which
    # Airflow counts together with them and which wait for none of them. A backfill's runs are counted separately.
    max_active_runs=6,
    max_active_tasks=1000,  # the pools limit them
    params=WINDOW_PARAMS,
    default_args=push_task_defaults(),
    tags=["youshu", "orders", "resident", "demo"],
):
    senders = PlanPushOperator(
        task_id="plan_senders", scheduled=True, pool="residents", **plan_task_defaults()
    )
    PushOrdersOperator(task_id="push_orders", subjects=senders.output, **resident_task_defaults())
    # Senders, also dead ones that Airflow still counts, must not take the slots of manual pushes.
    by_hand = PlanPushOperator(task_id="plan_by_hand", scheduled=False, **plan_task_defaults())
    PushOrdersOnceOperator.partial(
        task_id="push_orders_once", map_index_template="{{ task.shop.name }}", pool="orders_by_hand"
    ).expand(shop=by_hand.output)

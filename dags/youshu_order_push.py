"""
### What
Pushes every order, every state of it and every return to Tencent Youshu within five minutes. One sender per shop
wakes when the shop commits, and looks by itself every 30 s; each run takes over from the one before it, which stands
by until another one comes: whatever ends a sender, its standby goes on within a second, also while the scheduler is
down. When orders pile up it sends with more threads; where that is
not enough, `youshu_push_monitor` sends helpers.

### In
`t_store_youshu_request` in the shop's database, filled by `youshu_enqueue_order(…)`, which the backend calls in its
own transaction; or, where `orders: captured`, by reading changed orders through the view `youshu_order_push`.

### Out
Youshu `order/add_order`, `order/update`, `return_order/add`; in the row of the outbox what it answered and when.

### Rerun
Any time: what was accepted is not sent again. Orders that were changed in a window are enqueued, where they are not
known yet, and pushed, by `push_orders_once`, which has slots of its own: trigger with `window_from` and
`window_to`, or
`airflow backfill create --dag-id youshu_order_push --from-date 2026-11-01T00:10+08:00
--to-date 2026-11-02T00:00+08:00`

### If it fails
Network, database, Youshu down: it tries again by itself; nothing is lost, and the order of states is kept. People are
alerted, with the cause, of an order that waits for four minutes, of one that Youshu refuses for good (a dead letter),
and of wrong credentials, which end the task; the message names the field to mend. `retail youshu backlog` shows what
waits and why. See `docs/runbook.md`.
"""

from __future__ import annotations

from airflow.sdk import DAG
from pendulum import datetime

from retail_pipeline.orchestration.dag_defaults import (
    WINDOW_PARAMS,
    every,
    plan_task_defaults,
    push_task_defaults,
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
    # Of scheduled runs a sender, its standby and the one that takes over; the rest is for runs by hand, which are
    # counted with them and wait for none of them. A backfill's runs are counted apart.
    max_active_runs=6,
    max_active_tasks=1000,  # the pool bounds them
    params=WINDOW_PARAMS,
    default_args=push_task_defaults(),
    tags=["youshu", "orders", "demo"],
):
    senders = PlanPushOperator(task_id="plan_senders", scheduled=True, **plan_task_defaults())
    PushOrdersOperator.partial(task_id="push_orders", map_index_template="{{ task.shop.name }}").expand(
        shop=senders.output
    )
    # Senders, also those that are dead and still counted, hold no slot of what is pushed by hand.
    by_hand = PlanPushOperator(
        task_id="plan_by_hand", scheduled=False, pool="default_pool", **plan_task_defaults()
    )
    PushOrdersOnceOperator.partial(
        task_id="push_orders_once", map_index_template="{{ task.shop.name }}", pool="orders_by_hand"
    ).expand(shop=by_hand.output)

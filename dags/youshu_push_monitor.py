"""
### What
`plan_shops` lists the shops; `watch_outbox` checks every minute whether orders are about to be late at Youshu, and
alerts once with the cause, and once at its end. A living sender of `youshu_order_push` does the same check; this DAG
is for a sender that hangs or has given no sign of life for four minutes (`order_push.alert_minutes`). Where more
orders wait than it can send within four minutes, `help_push` sends beside it (at most `max_helpers` tasks; no row is
sent twice). Where sender and standby died, one task `help_push` stands in for all shops until a run is there;
`plan_helpers` checks that twice a minute. To stop the sending, pause this DAG, too.

### In
`t_store_youshu_request` and `youshu_push_sender` in the shop's database.

### Out
Alerts, recorded in `etl_alert`; `alarmed_at` of dead-lettered rows; the orders that helpers send, as the sender does.

### Rerun
Harmless: an alert that was sent is not repeated. A run for a past time checks the present state.

### If it fails
The next run checks a minute later; two runs in succession that fail raise an alert, and the log names the connection.
With Airflow down, `retail deadlines check --alert` checks, from cron on another machine. See `docs/runbook.md`.
"""

from __future__ import annotations

from airflow.sdk import DAG
from pendulum import datetime, duration

from retail_pipeline.orchestration.dag_defaults import (
    every,
    plan_task_defaults,
    resident_task_defaults,
    watch_task_defaults,
)
from retail_pipeline.orchestration.plan_operators import PlanPushingShopsOperator
from retail_pipeline.orchestration.task_failure import TaskFailureNotifier
from retail_pipeline.orchestration.unknown_errors import UnknownErrorNotifier
from retail_pipeline.pipelines.order_push.operators import HelpPushOrdersOperator, PlanPushHelpersOperator
from retail_pipeline.pipelines.order_push.watch_operators import WatchOutboxOperator
from retail_pipeline.settings.file import load_settings

SETTINGS = load_settings()
MAX_HELP = SETTINGS.order_push.max_helpers + len(SETTINGS.shops_that_push_orders())

with DAG(
    dag_id="youshu_push_monitor",
    dag_display_name="Orders to Youshu monitor",
    description="Alerts before an order is late, and sends where no sender lives.",
    doc_md=__doc__,
    schedule=every(1),
    start_date=datetime(2026, 1, 1, tz="Asia/Shanghai"),
    catchup=False,
    # One run begins each minute and is ended after ten, queued or not. The next one starts helpers again if needed.
    max_active_runs=16,
    max_active_tasks=1000,  # the pools limit them
    dagrun_timeout=duration(minutes=10),
    # One try: the next run checks in a minute. Retries must not pile up in the pool while a shop's database does not
    # answer.
    default_args={
        **watch_task_defaults(scheduled_tries=1),
        "execution_timeout": duration(minutes=2),
        "on_failure_callback": TaskFailureNotifier(calm=duration(minutes=2)),
    },
    tags=["youshu", "orders", "watchdog"],
):
    plan = PlanPushingShopsOperator(task_id="plan_shops", **plan_task_defaults())
    WatchOutboxOperator.partial(task_id="watch_outbox", map_index_template="{{ task.shop.name }}").expand(
        shop=plan.output
    )
    helpers = PlanPushHelpersOperator(task_id="plan_helpers", on_failure_callback=UnknownErrorNotifier())
    HelpPushOrdersOperator.partial(
        task_id="help_push",
        map_index_template="{{ task.subjects | join(', ', attribute='name') }}",
        # Of all runs together, since help may last longer than a run. Each shop may need a stand-in.
        max_active_tis_per_dag=max(1, MAX_HELP),
        **resident_task_defaults(pool="order_push"),
    ).expand(subjects=helpers.output)

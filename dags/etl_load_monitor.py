"""
### What
`plan_loads` lists the loads. `watch_load` checks every ten minutes whether the loads are in time and complete, and
alerts once with the cause, and once when it is over (`alerts` of each load in `include/config/retail.yaml`): a
watermark that is too old, a window that is not complete after its tries, too many records in the quarantine, a load
that was never scheduled, a nightly comparison that did not run or that found differences it could not repair.
`jushita_push_monitor` measures how far the load of sys_info is behind, by the RDS's own clock. `watch_settings`
checks whether the settings have lost a shop, an account or an RDS: subjects that were watched when the settings were
last applied and are not watched now, orders in an outbox that nothing sends, watermarks of loads that nothing runs.
`watch_guards` alerts where another monitor has not done its check in time.

### In
`etl_window`, `etl_watermark` and `etl_quarantine` in each load's target; the outboxes of the shops' databases;
`etl_applied_settings` in the warehouse.

### Out
Alerts, recorded in `etl_alert`. Settings that have lost nothing are recorded in `etl_applied_settings`.

### Rerun
Harmless: an alert that was sent is not repeated. It checks the present state, so a run for a past time says nothing
about that time.

### If it fails
It is tried again; when it gives up, it alerts, and the log names the connection to correct. With Airflow itself down,
`retail deadlines check --alert` does the same checks, from cron on another machine. See `docs/runbook.md`.
"""

from __future__ import annotations

from airflow.sdk import DAG
from pendulum import datetime, duration

from retail_pipeline.monitors.guards.operators import WatchGuardsOperator
from retail_pipeline.monitors.loads.operators import PlanLoadsOperator, WatchLoadOperator
from retail_pipeline.monitors.settings.operators import WatchSettingsOperator
from retail_pipeline.orchestration.dag_defaults import (
    BEFORE_OTHER_GUARDS,
    every,
    plan_task_defaults,
    watch_task_defaults,
)

with DAG(
    dag_id="etl_load_monitor",
    dag_display_name="Load monitor",
    description="Alerts where a load lags or stays incomplete, or where the settings have lost something.",
    doc_md=__doc__,
    schedule=every(10),
    start_date=datetime(2026, 1, 1, tz="Asia/Shanghai"),
    catchup=False,
    # A run that has not finished by then, queued or not, is ended, so that it does not block the next ones.
    max_active_runs=8,
    dagrun_timeout=duration(minutes=30),
    default_args=watch_task_defaults(),
    tags=["loads", "watchdog"],
):
    plan = PlanLoadsOperator(task_id="plan_loads", **plan_task_defaults())
    WatchLoadOperator.partial(task_id="watch_load", map_index_template="{{ task.load.name }}").expand(
        load=plan.output
    )
    WatchGuardsOperator(task_id="watch_guards", priority_weight=BEFORE_OTHER_GUARDS)
    WatchSettingsOperator(task_id="watch_settings", priority_weight=BEFORE_OTHER_GUARDS)

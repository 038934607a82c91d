"""
### What
Watches Taobao's data feed every ten minutes (`include/config/retail.yaml`, `jushita.monitor`) and alerts once when
something is wrong, and once when it has recovered. `watch_push_users`: a seller whose session has expired or whose
push is paused (again when 7 days and 1 day are left of the month after which the platform removes the seller), a
seller who disappeared from the list. `watch_pushed_rows`: rows that are pushed late; a day with unusually few rows.
`watch_backlog`, for each RDS that `plan_instances` lists: our own load falling behind; rows that may be deleted on
the RDS before they are read; an RDS whose clock or time stamps are not Beijing time. Each: a watch that cannot do its
check.

### In
The platform's list of push users (connection `taobao_default`), the tables that `jushita_sys_info_load` has filled,
and the RDS (`jushita_mysql`, or the instance's `conn_id`): its clock and its newest time stamps, the number of rows
later than our watermark, its oldest row.

### Out
`jushita_push_user` and `jushita_push_health` in `warehouse_postgres` (or `target_conn_id`); alerts, recorded in
`etl_alert`.

### Rerun
Harmless: an alert that was sent is not repeated. It checks the present state, so a run for a past time says nothing
about that time.

### If it fails
Each watch fails independently and is tried again like the load's tasks; one that gives up alerts. The log names the
connection to correct. `retail jushita health` shows the latest figures. See `docs/runbook.md`.
"""

from __future__ import annotations

from airflow.sdk import DAG
from pendulum import datetime, duration

from retail_pipeline.orchestration.dag_defaults import every, plan_task_defaults, watch_task_defaults
from retail_pipeline.orchestration.plan_operators import PlanInstancesOperator
from retail_pipeline.pipelines.jushita_monitor.operators import (
    WatchBacklogOperator,
    WatchPushedRowsOperator,
    WatchPushUsersOperator,
)
from retail_pipeline.settings.file import load_settings

SETTINGS = load_settings()

with DAG(
    dag_id="jushita_push_monitor",
    dag_display_name="Jushita data feed monitor",
    description="Alerts where Taobao's data feed stops, lags or thins, or where our load of it falls behind.",
    doc_md=__doc__,
    schedule=every(SETTINGS.feed_monitor().every_minutes),
    start_date=datetime(2026, 1, 1, tz="Asia/Shanghai"),
    catchup=False,
    # A run that has not finished by then, queued or not, is ended, so that it does not block the next ones.
    max_active_runs=8,
    dagrun_timeout=duration(minutes=30),
    default_args=watch_task_defaults(),
    tags=["jushita", "taobao", "watchdog"],
):
    WatchPushUsersOperator(task_id="watch_push_users")
    WatchPushedRowsOperator(task_id="watch_pushed_rows")
    plan = PlanInstancesOperator(task_id="plan_instances", **plan_task_defaults())
    WatchBacklogOperator.partial(
        task_id="watch_backlog", map_index_template="{{ task.instance.name }}"
    ).expand(instance=plan.output)

"""
### What
Watches the daily reports by their data: at each deadline `watch_wechat_youshu_report` and
`watch_youshu_order_summary` check for every shop whether the day is reported, and alert if it is not, even if no run
was ever created (report DAG paused, runs deleted). They never alert twice. `watch_guards` alerts where a monitor has
not done its check in time. This DAG needs a running scheduler; in case there is none, call `retail deadlines check
--alert` from outside Airflow (cron, or the `watchdog` service of docker-compose).

### In
`t_store_youshu_pv` and `youshu_order_summary` in each shop's database.

### Out
Alerts, recorded in `etl_alert`.

### Rerun
Harmless: an alert that was sent is not repeated.

### If it fails
Correct the settings file or the warehouse connection; the log names the field.
"""

from __future__ import annotations

from airflow.sdk import DAG
from pendulum import datetime, duration

from retail_pipeline.monitors.guards.operators import WatchGuardsOperator
from retail_pipeline.orchestration.alert_operators import DeadlineWatchOperator
from retail_pipeline.orchestration.dag_defaults import BEFORE_OTHER_GUARDS, daily_at_each, watch_task_defaults
from retail_pipeline.orchestration.unknown_errors import UnknownErrorNotifier
from retail_pipeline.settings.file import load_settings

DAG_ID = "youshu_deadline_watch"
REPORTS = load_settings().reports
VISITS, ORDERS = REPORTS.wechat_youshu_report, REPORTS.youshu_order_summary

with DAG(
    dag_id=DAG_ID,
    dag_display_name="Deadline watch",
    description="Alerts where a shop's day is not done at its deadline, also where no run was made.",
    doc_md=__doc__,
    schedule=daily_at_each({VISITS.due_at, VISITS.gives_up_at, ORDERS.due_at, ORDERS.gives_up_at}),
    start_date=datetime(2026, 1, 1, tz="Asia/Shanghai"),
    catchup=False,
    max_active_runs=4,
    dagrun_timeout=duration(minutes=25),
    default_args={
        **watch_task_defaults(),
        "execution_timeout": duration(minutes=5),
        "on_failure_callback": UnknownErrorNotifier(),
    },
    tags=["youshu", "watchdog"],
):
    DeadlineWatchOperator(task_id="watch_wechat_youshu_report", report="wechat_youshu_report")
    DeadlineWatchOperator(task_id="watch_youshu_order_summary", report="youshu_order_summary")
    WatchGuardsOperator(task_id="watch_guards", priority_weight=BEFORE_OTHER_GUARDS)

"""
### What
`send_alerts` sends alerts to the channels that have not taken them. A task that raises an alert sends it to the
channels at once; this DAG sends what a channel refused, what came too fast for it, and what was recorded by a task
that died before it could send. A channel that refuses is tried again after half a minute, then after twice as long
each time, up to half an hour. All alerts that wait for a channel are sent together.

### In
`etl_alert`, `etl_alert_delivery` and `etl_alert_channel`; the channels of the connection `apprise_default`.

### Out
Messages; what each channel accepted or answered, in `etl_alert_delivery`.

### Rerun
Harmless: what a channel has accepted is not sent to it again.

### If it fails
Correct the connection of the channels, or of the database with `etl_alert`; the log names the field. `retail alerts
test` tries the channels, `retail deadlines check` prints which alerts wait. With Airflow itself down, `retail
deadlines check --alert` sends, from cron on another machine. See `docs/runbook.md`.
"""

from __future__ import annotations

from airflow.sdk import DAG
from pendulum import datetime, duration

from retail_pipeline.orchestration.alert_operators import SendAlertsOperator
from retail_pipeline.orchestration.dag_defaults import BEFORE_OTHER_GUARDS, every, watch_task_defaults
from retail_pipeline.orchestration.unknown_errors import UnknownErrorNotifier

with DAG(
    dag_id="etl_alert_send",
    dag_display_name="Alert sending",
    description="Sends each alert to the channels that have not taken it yet.",
    doc_md=__doc__,
    schedule=every(1),
    start_date=datetime(2026, 1, 1, tz="Asia/Shanghai"),
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=duration(minutes=10),
    # Its own failures are not sent through the channels: an alert that it cannot send waits, and is shown.
    default_args={
        **watch_task_defaults(),
        "retries": 0,
        "execution_timeout": duration(minutes=5),
        "priority_weight": BEFORE_OTHER_GUARDS,
        "on_failure_callback": UnknownErrorNotifier(),
    },
    tags=["alerts", "watchdog"],
):
    SendAlertsOperator(task_id="send_alerts")

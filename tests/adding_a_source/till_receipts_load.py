"""
### What
Loads the till's receipts, every 15 minutes: from ten minutes before the end of the last complete window to a minute
ago.

### In
The till's `/receipts` (connection of the account).

### Out
`till_receipt` in the account's `target_conn_id`, certificates in `etl_window`, unusable records in `etl_quarantine`.

### Rerun
Any time: an older version never replaces a newer one. For a window, trigger with `window_from` and `window_to`.

### If it fails
Network or database: it tries again by itself. Any other error names the connection.
"""

from __future__ import annotations

from airflow.sdk import DAG
from pendulum import datetime
from retail_pipeline.pipelines.till_receipts.description import LOAD

from retail_pipeline.orchestration.dag_defaults import WINDOW_PARAMS, every, load_task_defaults
from retail_pipeline.orchestration.further_loads import PagesToTargetOperator, PlanAccountsOperator
from retail_pipeline.settings.file import load_settings

with DAG(
    dag_id="till_receipts_load",
    doc_md=__doc__,
    schedule=every(load_settings().further_load(LOAD.pipeline).every_minutes),
    start_date=datetime(2026, 1, 1, tz="Asia/Shanghai"),
    catchup=False,
    params=WINDOW_PARAMS,
    default_args=load_task_defaults(scheduled_tries=2),
):
    plan = PlanAccountsOperator(task_id="plan_chunks", pipeline=LOAD.pipeline)
    PagesToTargetOperator.partial(
        task_id="load_chunk",
        map_index_template="{{ task.chunk.shown }}",
        pipeline=LOAD.pipeline,
    ).expand(chunk=plan.output)

"""
### What
Loads the after-sales orders of every Wangdiantong account into the BI database, every 15 minutes
(`include/config/retail.yaml`): from ten minutes before the end of the last complete window to a minute ago.
`plan_chunks` cuts the window; each chunk is one mapped task (`load_chunk`) and one or more transactions; each
transaction leaves a certificate that says how many orders the vendor had and how many arrived. Then
`check_row_counts`, `check_freshness`, `check_duplicates`, `check_sums` check each database that `plan_targets` lists.

### In
Wangdiantong `aftersales.refund.Refund.search`, through Qimen or direct (connection `wangdiantong_…` of the account).
Orders of Taobao and Tmall come only through Qimen.

### Out
`aftersales_refund_refund_search` and its child tables in `bi_mysql` (or the account's `target_conn_id`, which may be
a PostgreSQL), certificates in `etl_window`, unusable records in `etl_quarantine`.

### Rerun
Any time, in any order: an older version of an order never replaces a newer one. For a window, trigger with
`window_from` and `window_to`; it is cut into chunks that the workers share. For one order, trigger with `refund_no`.
For runs of the past:
`airflow backfill create --dag-id wangdiantong_aftersales_load --from-date 2026-11-01T00:15+08:00
--to-date 2026-11-02T00:00+08:00` (a run loads the time before it). Only scheduled runs move the watermark.

### If it fails
A busy vendor, network, database, or orders that keep changing while they are read: it tries again by itself, a
scheduled run twice, then the next one takes over. Any other error names the connection and the field to correct.
`retail windows wangdiantong_aftersales` shows what is complete, `retail quarantine list` which records were set
aside. See `docs/runbook.md`.
"""

from __future__ import annotations

from airflow.sdk import DAG
from pendulum import datetime

from retail_pipeline.orchestration.dag_defaults import (
    LOAD_PARAMS,
    every,
    load_task_defaults,
    plan_task_defaults,
)
from retail_pipeline.orchestration.table_checks import TableCheckOperator
from retail_pipeline.pipelines.wangdiantong_aftersales.operators import (
    AftersalesToTargetOperator,
    PlanAftersalesOperator,
    PlanAftersalesTargetsOperator,
)
from retail_pipeline.settings.file import load_settings

SETTINGS = load_settings()

with DAG(
    dag_id="wangdiantong_aftersales_load",
    dag_display_name="Wangdiantong aftersales load",
    description="Loads changed after-sales orders into MySQL or PostgreSQL, with a certificate for each window.",
    doc_md=__doc__,
    schedule=every(SETTINGS.loads.wangdiantong_aftersales.every_minutes),
    start_date=datetime(2026, 1, 1, tz="Asia/Shanghai"),
    catchup=False,
    max_active_runs=3,
    params=LOAD_PARAMS,
    default_args={**load_task_defaults(scheduled_tries=2), "pool": "wangdiantong"},
    tags=["wangdiantong", "aftersales", "demo"],
):
    targets = PlanAftersalesTargetsOperator(task_id="plan_targets", **plan_task_defaults())
    plan = PlanAftersalesOperator(task_id="plan_chunks")
    load = AftersalesToTargetOperator.partial(
        task_id="load_chunk", map_index_template="{{ task.chunk.shown }}"
    ).expand(chunk=plan.output)
    checks = [
        TableCheckOperator.partial(
            task_id=f"check_{name}",
            check=f"wangdiantong_aftersales/{name}",
            map_index_template="{{ task.target.name }}",
            trigger_rule="all_done",
            pool="default_pool",
        ).expand(target=targets.output)
        for name in ("row_counts", "freshness", "duplicates", "sums")
    ]
    load >> checks

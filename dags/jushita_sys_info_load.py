"""
### What
Loads the rows that Taobao's data feed writes into `sys_info` on the sellers' RDS into the warehouse, every five
minutes (`include/config/retail.yaml`): trades, refunds, items, distribution, dealer and exchange orders. Rows of the
ten minutes before are compared once more, since late commits carry older time stamps; new rows are read up to a few
seconds ago, by the RDS's own clock. `plan_<table>` cuts the window into chunks and `load_<table>` loads them. Each
chunk is one transaction and leaves a certificate that says how many rows the source had and how many arrived.

### In
The tables of `sys_info` (connection `jushita_mysql`, or the instance's `conn_id`): the right to read is enough.

### Out
`taobao_trade`, `taobao_order`, `taobao_promotion`, `taobao_refund`, `taobao_item`, `taobao_item_sku`,
`taobao_fx_order`, `taobao_fx_order_line`, `taobao_jx_order`, `taobao_jx_order_line`, `taobao_exchange` in
`warehouse_postgres` (or `target_conn_id`), certificates in `etl_window`, unusable records in `etl_quarantine`.

### Rerun
Any time, in any order: a row never replaces one that was changed, or read, later. For a window, trigger with
`window_from` and `window_to`; it is cut into chunks that the workers share. For a few sellers, add `sellers`. For
runs of the past:
`airflow backfill create --dag-id jushita_sys_info_load --from-date 2026-11-01T00:05+08:00
--to-date 2026-11-02T00:00+08:00` (a run loads the time before it). Only scheduled runs move the watermark.

### If it fails
Network, database, or rows that keep changing while they are read: it tries again by itself, and continues where it
stopped: a scheduled run twice, then the next one takes over. Any other error names the connection or the table to
correct. `retail windows jushita_sys_info` shows what is complete, `retail quarantine list --pipeline
jushita_sys_info` which records were set aside. See `docs/runbook.md`.
"""

from __future__ import annotations

from airflow.sdk import DAG
from pendulum import datetime

from retail_pipeline.orchestration.dag_defaults import (
    SYS_INFO_PARAMS,
    SYS_INFO_TABLES,
    every,
    load_task_defaults,
)
from retail_pipeline.pipelines.jushita_sys_info.operators import (
    PlanSysInfoOperator,
    SysInfoToWarehouseOperator,
)
from retail_pipeline.settings.file import load_settings

SETTINGS = load_settings()
READING = SETTINGS.loads.jushita_sys_info

with DAG(
    dag_id="jushita_sys_info_load",
    dag_display_name="Jushita sys_info load",
    description="Loads what Taobao's data feed writes into sys_info, with a certificate for each window.",
    doc_md=__doc__,
    schedule=every(READING.every_minutes),
    start_date=datetime(2026, 1, 1, tz="Asia/Shanghai"),
    catchup=False,
    # Two runs must not read the same rows at the same time; so a run leaves an RDS that is down to the next run.
    max_active_runs=1,
    params=SYS_INFO_PARAMS,
    default_args={**load_task_defaults(scheduled_tries=2), "pool": SETTINGS.sys_info_pool()},
    tags=["jushita", "taobao", "demo"],
):
    for table in SYS_INFO_TABLES:  # all: the run finds out which RDS has which
        plan = PlanSysInfoOperator(
            task_id=f"plan_{table}", table=table, priority_weight=READING.priorities.get(table, 1)
        )
        SysInfoToWarehouseOperator.partial(
            task_id=f"load_{table}",
            map_index_template="{{ task.chunk.shown }}",
            priority_weight=READING.priorities.get(table, 1),
            weight_rule="absolute",
        ).expand(chunk=plan.output)

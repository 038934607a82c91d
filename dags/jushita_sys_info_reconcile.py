"""
### What
Compares the warehouse with `sys_info`, every night: the rows that changed within the last days and were loaded, by
table (`reconcile_<table>`) and chunk. Both sides compute checksums over key, `jdp_modified` and `jdp_hashcode`; a
chunk that differs is divided until the rows that differ are found. The warehouse also computes, from its columns and
those of the lines, the digest that each head was loaded with. Rows that are missing or differ, and rows without a
`jdp_modified`, are pulled again and replaced: from `sys_info`, or where they are gone there, from the platform
(`taobao.trade.fullinfo.get` and the like). Rows that retention has removed from `sys_info` are no difference. Then
`check_lines` and `check_order_ids` check: no sub-order without its trade, or in two trades; no trade without any.

### In
The tables of `sys_info` (`plan_instances`: `jushita_mysql`, or the instance's `conn_id`), the warehouse's own
(`plan_warehouse`), and, for rows that `sys_info` no longer has, the sessions in `taobao_default`, `seller_conn_ids`.

### Out
A certificate per table and instance in `etl_window`, purpose `reconcile`, and one for rows that were pulled again,
purpose `repair`; the rows in the tables of `jushita_sys_info_load`.

### Rerun
Any time. For one table, trigger with `table`. For single rows, trigger with `table` and `keys`, or use `retail
jushita pull`; they are pulled again whatever the warehouse has.

### If it fails
The certificate names rows that could not be repaired: neither `sys_info` nor the platform has them for the sellers
whose sessions the connections hold, or something changes them as soon as they are loaded. `retail windows
jushita_sys_info` shows it. See `docs/runbook.md`.
"""

from __future__ import annotations

from airflow.sdk import DAG
from pendulum import datetime

from retail_pipeline.orchestration.dag_defaults import (
    RECONCILE_PARAMS,
    SYS_INFO_TABLES,
    daily_at,
    load_task_defaults,
    plan_task_defaults,
)
from retail_pipeline.orchestration.plan_operators import PlanInstancesOperator, PlanWarehouseOperator
from retail_pipeline.orchestration.table_checks import TableCheckOperator
from retail_pipeline.pipelines.jushita_sys_info.reconcile_operators import ReconcileSysInfoOperator
from retail_pipeline.settings.file import load_settings

SETTINGS = load_settings()

with DAG(
    dag_id="jushita_sys_info_reconcile",
    dag_display_name="Jushita sys_info nightly comparison",
    description="Compares the warehouse with sys_info, row by row, and pulls again what differs.",
    doc_md=__doc__,
    schedule=daily_at(SETTINGS.loads.jushita_sys_info.reconcile_at),
    start_date=datetime(2026, 1, 1, tz="Asia/Shanghai"),
    catchup=False,
    max_active_runs=1,
    params=RECONCILE_PARAMS,
    default_args={**load_task_defaults(), "pool": "nightly_scans"},
    tags=["jushita", "taobao", "demo"],
):
    plan_defaults = {**plan_task_defaults(), "pool": "default_pool"}
    instances = PlanInstancesOperator(task_id="plan_instances", **plan_defaults)
    warehouse = PlanWarehouseOperator(task_id="plan_warehouse", **plan_defaults)
    reconcile = [
        ReconcileSysInfoOperator.partial(
            task_id=f"reconcile_{table}", table=table, map_index_template="{{ task.instance.name }}"
        ).expand(instance=instances.output)
        for table in SYS_INFO_TABLES
    ]
    checks = [
        TableCheckOperator.partial(
            task_id=f"check_{name}",
            check=f"jushita_sys_info/{name}",
            map_index_template="{{ task.target.name }}",
            trigger_rule="all_done",
        ).expand(target=warehouse.output)
        for name in ("lines", "order_ids")
    ]
    for each in reconcile:
        each >> checks

"""
### What
Holds the warehouse against `sys_info`, every night: what changed within the last days and was loaded, table by
table, chunk by chunk. Both sides work out checksums over key, `jdp_modified` and `jdp_hashcode`; a chunk that
differs is cut up, down to the rows that are not the same. Beside that the warehouse works out from its columns,
lines included, the digest that each head was loaded with. What lacks or differs is pulled again and replaced: from
`sys_info`, or where it is gone there, from the platform (`taobao.trade.fullinfo.get` and its siblings). So are rows
without a `jdp_modified`. What retention has removed from `sys_info` is no difference. Then the lines are looked at
once more: no sub-order without its trade, or in two trades; no trade without any.

### In
The tables of `sys_info` (connection `jushita_mysql`, or the instance's `conn_id`), the warehouse's own, and, for what
`sys_info` has no more, the sellers' sessions in `taobao_default` and `seller_conn_ids`.

### Out
A certificate per table and instance in `etl_window`, purpose `reconcile`, and one for what was pulled again, purpose
`repair`; the rows in the tables of `jushita_sys_info_load`.

### Rerun
Any time; one table: trigger with `table`. Single rows: trigger with `table` and `keys`, or `retail jushita pull`;
they are pulled again whatever the warehouse has.

### If it fails
The certificate names rows that could not be mended: neither `sys_info` nor the platform has them for the sellers
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
    default_args={**load_task_defaults(), "pool": SETTINGS.sys_info_pool()},
    tags=["jushita", "taobao", "demo"],
):
    instances = PlanInstancesOperator(task_id="plan_instances", **plan_task_defaults())
    warehouse = PlanWarehouseOperator(task_id="plan_warehouse", **plan_task_defaults())
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
            pool="default_pool",
        ).expand(target=warehouse.output)
        for name in ("lines", "order_ids")
    ]
    for each in reconcile:
        each >> checks

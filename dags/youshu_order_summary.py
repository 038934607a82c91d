"""
### What
Sums up each shop's mini-program orders of the day before and reports the sums to Tencent Youshu. 05:00 Asia/Shanghai,
due 06:00 (`include/config/retail.yaml`). `plan_shops` lists the shops; for each, `compute_order_summary` computes and
`report_order_summary` reports.

### In
View `youshu_order` in the shop's database: map it onto your own order tables in `include/sql/youshu/order_view.sql`.
It holds orders placed and paid that day, including those that were later cancelled or refunded.

A day that looks wrong (no order, a shop that the view does not know, far from the usual) waits for a person, who
confirms it with `retail youshu confirm SHOP DAY` or corrects it. 数据可疑时等待人工确认或修正。

### Out
A row of `youshu_order_summary` in the shop's database; Youshu `add_order_sum` (connection `youshu_…`).

### Rerun
Any day: the sums are computed anew, and a day whose sums changed is reported again; an unchanged one is not, unless
`force` is set. A manual run does not wait for a person: a day that looks wrong fails until it is confirmed. For many
days:
`airflow backfill create --dag-id youshu_order_summary --from-date 2026-11-01T05:00+08:00
--to-date 2026-11-07T05:00+08:00`

### If it fails
A busy vendor, network, database: it tries again by itself until 07:00. Any other error names the connection and the
field to correct; then clear the failed task. See `docs/runbook.md`.
"""

from __future__ import annotations

from airflow.sdk import DAG, task_group
from pendulum import datetime

from retail_pipeline.orchestration.dag_defaults import (
    REPORT_PARAMS,
    daily_at,
    plan_task_defaults,
    report_deadlines,
    report_task_defaults,
)
from retail_pipeline.orchestration.plan_operators import PlanReportShopsOperator
from retail_pipeline.pipelines.daily_reports.report_operators import OrderSummaryToYoushuOperator
from retail_pipeline.pipelines.daily_reports.summary_operators import OrderSummaryOperator
from retail_pipeline.settings.file import load_settings

DAG_ID = "youshu_order_summary"
REPORT = load_settings().report(DAG_ID)

with DAG(
    dag_id=DAG_ID,
    dag_display_name="Order summary → Youshu (daily)",
    description="Reports the sums of yesterday's mini-program orders to Tencent Youshu.",
    doc_md=__doc__,
    schedule=daily_at(REPORT.starts_at),
    start_date=datetime(2026, 1, 1, tz="Asia/Shanghai"),
    catchup=False,
    max_active_runs=8,
    params=REPORT_PARAMS,
    default_args=report_task_defaults(),
    deadline=report_deadlines(DAG_ID, REPORT),
    tags=["youshu", "orders", "daily", "demo"],
):

    @task_group(prefix_group_id=False)
    def report_shop(shop: dict[str, str]) -> None:
        """One shop's day."""
        shown = {"shop": shop, "map_index_template": "{{ task.shop.name }}"}
        summarise = OrderSummaryOperator(task_id="compute_order_summary", **shown)
        report = OrderSummaryToYoushuOperator(task_id="report_order_summary", **shown)
        summarise >> report

    plan = PlanReportShopsOperator(task_id="plan_shops", **plan_task_defaults())
    report_shop.expand(shop=plan.output)

"""
### What
Pulls the page visits and the visit distribution of each shop's WeChat mini-program for the day before, stores both
replies unchanged and reports them to Tencent Youshu. 10:00 Asia/Shanghai, due 10:30, given up 11:00
(`include/config/retail.yaml`). `plan_shops` lists the shops; for each, `pull_visit_page` and
`pull_visit_distribution` store the replies, and `report_visit_page` and `report_visit_distribution` report them. A
shop that fails does not delay the others.

### In
WeChat `getweanalysisappidvisitpage` and `…visitdistribution` (connection `wechat_…` of the shop).

### Out
Rows of `t_store_youshu_pv` in the shop's database; Youshu `add_wxapp_visit_page` and
`add_wxapp_visit_distribution` (connection `youshu_…`).

### Rerun
Any day, any number of times: what Youshu accepted is not sent again unless `force` is set. For one day, trigger with
`business_date`. For many days (a run at 10:00 reports the day before, so give `--to-date` a time):
`airflow backfill create --dag-id wechat_youshu_report --from-date 2026-11-01T10:00+08:00
--to-date 2026-11-07T10:00+08:00`

### If it fails
Numbers not ready, a busy vendor, network: it tries again by itself, each minute until 10:30, then every five minutes
until 11:00. Any other error names the connection and the field to correct; then clear the failed task. See
`docs/runbook.md`.
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
from retail_pipeline.pipelines.daily_reports.pull_operators import WeChatToStoreOperator
from retail_pipeline.pipelines.daily_reports.report_operators import VisitsToYoushuOperator
from retail_pipeline.settings.file import load_settings

DAG_ID = "wechat_youshu_report"
REPORT = load_settings().report(DAG_ID)

with DAG(
    dag_id=DAG_ID,
    dag_display_name="WeChat visits → Youshu (daily)",
    description="Reports yesterday's mini-program visits, as WeChat told them, to Tencent Youshu.",
    doc_md=__doc__,
    schedule=daily_at(REPORT.starts_at),
    start_date=datetime(2026, 1, 1, tz="Asia/Shanghai"),
    catchup=False,
    max_active_runs=8,
    params=REPORT_PARAMS,
    default_args=report_task_defaults(),
    deadline=report_deadlines(DAG_ID, REPORT),
    tags=["wechat", "youshu", "daily", "demo"],
):

    @task_group(prefix_group_id=False)
    def report_shop(shop: dict[str, str]) -> None:
        """Both replies of one shop, side by side."""
        shown = {"shop": shop, "map_index_template": "{{ task.shop.name }}"}
        pull_page = WeChatToStoreOperator(task_id="pull_visit_page", kind="visit_page", **shown)
        report_page = VisitsToYoushuOperator(task_id="report_visit_page", kind="visit_page", **shown)
        pull_distribution = WeChatToStoreOperator(
            task_id="pull_visit_distribution", kind="visit_distribution", **shown
        )
        report_distribution = VisitsToYoushuOperator(
            task_id="report_visit_distribution", kind="visit_distribution", **shown
        )
        pull_page >> report_page
        pull_distribution >> report_distribution

    plan = PlanReportShopsOperator(task_id="plan_shops", **plan_task_defaults())
    report_shop.expand(shop=plan.output)

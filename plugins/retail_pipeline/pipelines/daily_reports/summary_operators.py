"""The sums that are reported to Youshu, computed as a task."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator

from retail_pipeline import clock
from retail_pipeline.business_time import SHANGHAI
from retail_pipeline.errors import CheckFailed, DayInDoubt
from retail_pipeline.orchestration.fail_without_retry import fail_without_retry
from retail_pipeline.orchestration.planned_subjects import Planned, planned_shop
from retail_pipeline.orchestration.report_runs import ReportRun, report_run
from retail_pipeline.orchestration.sessions import open_postgres
from retail_pipeline.pipelines.daily_reports.order_day import OrderDay
from retail_pipeline.pipelines.daily_reports.order_doubts import Doubt
from retail_pipeline.settings.file import load_settings
from retail_pipeline.settings.reports import OrderSummaryReport

if TYPE_CHECKING:
    from airflow.sdk.definitions.context import Context


_NEXT = ("at the next try it is reported as it is", "下次重试时按原样上报")
_HELD = ("it is not reported before somebody says so", "未经人工确认不上报")


class OrderSummaryOperator(BaseOperator):
    """Sum up a shop's orders of one business day; a day whose sums changed becomes due for reporting again.

    A day that looks wrong waits for a person.

    :param shop: as planned
    """

    template_fields: Sequence[str] = ("shop",)

    def __init__(self, *, shop: Planned, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.shop = shop

    def execute(self, context: Context) -> dict[str, Any]:
        """Return the sums, money as text.

        :raises DayInDoubt: they look wrong, and nobody has confirmed them; the next try computes them anew
        """
        settings = load_settings()
        report, shop = settings.reports.youshu_order_summary, planned_shop(self.shop)
        with fail_without_retry(), open_postgres(shop.store_conn_id) as connection:
            run = report_run(context)
            day = OrderDay(connection, shop, run.business_date)
            sums = day.sum_up()
            told = {
                name: f"{value:f}" if isinstance(value, Decimal) else value
                for name, value in vars(sums).items()
            }
            self.log.info("sums of %s on %s: %s", shop.name, run.business_date, told)
            if doubt := day.examine(sums, report.volume):
                self._ask(doubt, run, report)
        return {"business_date": str(run.business_date), **{name: str(value) for name, value in told.items()}}

    def _ask(self, doubt: Doubt, run: ReportRun, report: OrderSummaryReport) -> None:
        """Wait for a person, as long as the settings say; a manual run fails at once, so its starter is asked."""
        confirm = f"if it is right: retail youshu confirm {planned_shop(self.shop).name} {run.business_date}"
        if not run.scheduled:
            raise CheckFailed(f"{doubt.why}; {confirm}")
        until = run.schedule.due_at - report.report_before_due
        reported = report.report_empty_days if doubt.empty else report.report_unusual_days
        if not reported:
            raise DayInDoubt(doubt.why, _HELD)
        if clock.now() < until:
            at = f"{until.astimezone(SHANGHAI):%H:%M}"
            raise DayInDoubt(doubt.why, (f"at {at} it is reported as it is", f"{at} 仍无人确认则按原样上报"))
        if not doubt.asked:  # a run that began late: people are asked all the same
            raise DayInDoubt(doubt.why, _NEXT)
        self.log.warning("%s; nobody has confirmed it: reported as it is", doubt.why)

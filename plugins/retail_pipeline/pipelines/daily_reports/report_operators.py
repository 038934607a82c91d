"""The shop's database → Tencent Youshu: the two daily reports."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator

from retail_pipeline.errors import CheckFailed
from retail_pipeline.orchestration.fail_without_retry import fail_without_retry
from retail_pipeline.orchestration.planned_subjects import Planned, planned_shop
from retail_pipeline.orchestration.report_runs import ReportRun, report_run
from retail_pipeline.orchestration.sessions import open_postgres
from retail_pipeline.pipelines.daily_reports.deliveries import Delivery, deliver_once
from retail_pipeline.pipelines.daily_reports.order_day import OrderDay
from retail_pipeline.pipelines.daily_reports.rows import visit_body
from retail_pipeline.settings.file import load_settings
from retail_pipeline.settings.retail import Shop
from retail_pipeline.vendors.youshu.client import YoushuClient
from retail_pipeline.vendors.youshu.hook import YoushuHook

if TYPE_CHECKING:
    from airflow.sdk.definitions.context import Context

    from retail_pipeline.pipelines.daily_reports.pull_operators import VisitKind


class _StoreToYoushuOperator(BaseOperator):
    """Report one stored day of a shop, once."""

    template_fields: Sequence[str] = ("shop",)
    ui_color = "#e3ecfa"

    def __init__(self, *, shop: Planned, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.shop = shop

    def execute(self, context: Context) -> dict[str, Any]:
        """Return business date, and whether it was sent now or had been sent before."""
        shop = planned_shop(self.shop)
        with fail_without_retry(conn_id=shop.youshu_conn_id), open_postgres(shop.store_conn_id) as connection:
            run = report_run(context)
            hook = YoushuHook(shop.youshu_conn_id)
            delivery = self.deliver(connection, shop, run, hook.get_conn(), hook.data_source_id())
        if delivery.answer is None:
            self.log.info("%s of %s was reported at %s", shop.name, run.business_date, delivery.reported_at)
        else:
            self.log.info("%s of %s: Youshu answered %s", shop.name, run.business_date, delivery.answer)
        return {"business_date": str(run.business_date), "sent": delivery.answer is not None}

    def deliver(
        self, connection: Any, shop: Shop, run: ReportRun, client: YoushuClient, data_source_id: str
    ) -> Delivery:
        """Send the day's row."""
        raise NotImplementedError


class VisitsToYoushuOperator(_StoreToYoushuOperator):
    """Report one stored WeChat reply of a shop's day.

    :param kind: which of the two replies
    """

    def __init__(self, *, kind: VisitKind, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.kind = kind

    def deliver(
        self, connection: Any, shop: Shop, run: ReportRun, client: YoushuClient, data_source_id: str
    ) -> Delivery:
        """Send the reply as ``rawMsg``."""
        report_empty = load_settings().report(run.report).report_empty_days
        send: Callable[[str], str] = (
            client.add_wxapp_visit_page if self.kind == "visit_page" else client.add_wxapp_visit_distribution
        )

        def body_of(row: Mapping[str, Any]) -> str:
            if row["weixin_response_info"] is None:
                raise CheckFailed("WeChat's reply is not stored yet: clear the pull task")
            if row["row_count"] == 0 and not report_empty:
                raise CheckFailed("WeChat's reply is an empty list and report_empty_days is false")
            return visit_body(data_source_id, row["weixin_response_info"])

        key = {"shop": shop.name, "business_date": run.business_date, "kind": self.kind}
        again = partial(open_postgres, shop.store_conn_id)
        return deliver_once(
            connection, "visit", key, body_of=body_of, send=send, reopen=again, force=run.force
        )


class OrderSummaryToYoushuOperator(_StoreToYoushuOperator):
    """Report the stored order sums of a shop's day."""

    def deliver(
        self, connection: Any, shop: Shop, run: ReportRun, client: YoushuClient, data_source_id: str
    ) -> Delivery:
        """Send the sums."""
        return OrderDay(connection, shop, run.business_date).report(client, data_source_id, force=run.force)

"""WeChat's daily visit replies → the shop's database, unchanged."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

from airflow.sdk import BaseOperator

from retail_pipeline import clock
from retail_pipeline.databases.postgres_session import query
from retail_pipeline.errors import ApiError, NotReady
from retail_pipeline.orchestration.fail_without_retry import fail_without_retry
from retail_pipeline.orchestration.planned_subjects import Planned, planned_shop
from retail_pipeline.orchestration.report_runs import ReportRun, report_run
from retail_pipeline.orchestration.sessions import open_postgres
from retail_pipeline.pipelines.daily_reports.deliveries import REPORTED
from retail_pipeline.settings.file import load_settings
from retail_pipeline.vendors.wechat.client import VisitReply, WeChatClient
from retail_pipeline.vendors.wechat.hook import WeChatHook

if TYPE_CHECKING:
    import psycopg
    from airflow.sdk.definitions.context import Context

VisitKind = Literal["visit_page", "visit_distribution"]


class WeChatToStoreOperator(BaseOperator):
    """Pull one day's visits of a shop's mini-program and store the reply as it came.

    A day that was reported already is left unchanged. While WeChat has nothing for the day the task fails as not
    ready; the retry policy decides how long it is tried again.

    :param shop: as planned
    :param kind: which of the two replies
    """

    template_fields: Sequence[str] = ("shop",)
    ui_color = "#dff3e3"

    def __init__(self, *, shop: Planned, kind: VisitKind, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.shop = shop
        self.kind = kind

    def execute(self, context: Context) -> dict[str, Any]:
        """Return what was read: business date and number of rows."""
        settings = load_settings()
        shop = planned_shop(self.shop)
        with fail_without_retry(conn_id=shop.wechat_conn_id), open_postgres(shop.store_conn_id) as connection:
            run = report_run(context)
            key = {"shop": shop.name, "business_date": run.business_date, "kind": self.kind}
            stored = query(connection, "youshu/visit/find", key)
            if stored and stored[0]["status"] == REPORTED and not run.force:
                self.log.info("%s was reported at %s: left alone", key, stored[0]["reported_at"])
                return {"business_date": str(run.business_date), "rows": stored[0]["row_count"]}
            client = WeChatHook(shop.wechat_conn_id).get_conn()
            reply = self._pull(connection, key, client)
            empty = "WeChat answered with an empty list" if reply.rows == 0 else None
            values = {
                **key,
                "reply": reply.text,
                "row_count": reply.rows,
                "error": empty,
                "force": run.force,
                "now": clock.now(),
            }
            query(connection, "youshu/visit/store", values)
            if empty and not _may_report_empty(run, settings.report(run.report).report_empty_days):
                raise NotReady(empty, vendor="wechat", method=self.kind)
            self.log.info("stored %s: %d rows, %d characters", key, reply.rows, len(reply.text))
            return {"business_date": str(run.business_date), "rows": reply.rows}

    def _pull(
        self, connection: psycopg.Connection[Any], key: dict[str, Any], client: WeChatClient
    ) -> VisitReply:
        pull = client.visit_page if self.kind == "visit_page" else client.visit_distribution
        try:
            return pull(key["business_date"])
        except ApiError as error:
            # The alert at the deadline quotes this.
            query(connection, "youshu/visit/pull_failed", {**key, "error": str(error), "now": clock.now()})
            raise


def _may_report_empty(run: ReportRun, allowed: bool) -> bool:
    """Return whether an empty list may be reported: only on the last try, and only where the settings allow it."""
    return allowed and clock.now() >= run.schedule.gives_up_at

"""What Youshu is reported, worked out as a task."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator

from retail_pipeline import clock
from retail_pipeline.business_time import day_window
from retail_pipeline.failing_fast import failing_fast
from retail_pipeline.planning.subjects import Planned, planned_shop
from retail_pipeline.postgres_session import open_postgres, query
from retail_pipeline.report_runs import report_run

if TYPE_CHECKING:
    from airflow.sdk.definitions.context import Context


class OrderSummaryOperator(BaseOperator):
    """Sum up a shop's orders of one business day; a day whose sums changed becomes due for reporting again.

    :param shop: as planned
    """

    template_fields: Sequence[str] = ("shop",)

    def __init__(self, *, shop: Planned, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.shop = shop

    def execute(self, context: Context) -> dict[str, Any]:
        """Return the sums, money as text."""
        shop = planned_shop(self.shop)
        with failing_fast(), open_postgres(shop.store_conn_id) as connection:
            run = report_run(context)
            window = day_window(run.business_date)
            day = {"from": window.start, "to": window.end, "order_sources": list(shop.order_sources)}
            key = {"shop": shop.name, "business_date": run.business_date}
            sums = query(connection, "youshu/order_summary_compute", {**key, **day})[0]
            query(connection, "youshu/order_summary_store", {**key, **sums, "now": clock.now()})
        self.log.info("sums of %s on %s: %s", shop.name, run.business_date, sums)
        return {"business_date": str(run.business_date), **{name: str(value) for name, value in sums.items()}}

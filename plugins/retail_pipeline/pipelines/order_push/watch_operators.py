"""The watches of the order push as tasks: one of a shop's outbox, and the nightly comparison."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from airflow.sdk import BaseOperator

from retail_pipeline import clock
from retail_pipeline.alerts.guard_record import has_looked
from retail_pipeline.alerts.incident_watch import review_incidents
from retail_pipeline.alerts.incidents import Finding
from retail_pipeline.orchestration.alerting_from_settings import alerting
from retail_pipeline.orchestration.fail_without_retry import fail_without_retry
from retail_pipeline.orchestration.planned_subjects import Planned, planned_shop
from retail_pipeline.orchestration.sessions import open_postgres
from retail_pipeline.pipelines.order_push.findings import watch_finding
from retail_pipeline.pipelines.order_push.missing_orders import (
    ORDER_RECONCILE,
    comparison_finding,
    missing_finding,
    name_finding,
    unreadable_finding,
)
from retail_pipeline.pipelines.order_push.reconcile import OrderReconcile
from retail_pipeline.pipelines.order_push.watch import WATCH, review_shop
from retail_pipeline.settings.file import load_settings

if TYPE_CHECKING:
    from airflow.sdk.definitions.context import Context


class WatchOutboxOperator(BaseOperator):
    """Check whether one shop's orders are about to be late, independently of its sender.

    :param shop: as planned
    """

    watch: ClassVar = WATCH
    template_fields: Sequence[str] = ("shop",)
    ui_color = "#fdf3d8"

    def __init__(self, *, shop: Planned, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.shop = shop

    def failure(self, why: str) -> Finding:
        """Return the finding that the watch has failed."""
        return watch_finding(self.shop["name"], why)

    def execute(self, context: Context) -> dict[str, str]:  # noqa: ARG002
        """Return the findings by subject."""
        settings = load_settings()
        with fail_without_retry():
            findings = review_shop(planned_shop(self.shop), settings)
        has_looked(self.watch, watch_finding(self.shop["name"]).subject, alerting(settings.alerts))
        return {finding.subject: finding.what or "fine" for finding in findings}


class ReconcileOrdersOperator(BaseOperator):
    """Compare one shop's orders and returns with its outbox, enqueue missing ones, and alert where any were missing.

    :param shop: as planned
    """

    watch: ClassVar = ORDER_RECONCILE
    template_fields: Sequence[str] = ("shop",)
    ui_color = "#e3ecfa"

    def __init__(self, *, shop: Planned, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.shop = shop

    def failure(self, why: str) -> Finding:
        """Return the finding that the comparison has failed."""
        return comparison_finding(self.shop["name"], why)

    def execute(self, context: Context) -> dict[str, int]:
        """Return how many orders and returns were compared, and how many were missing."""
        settings = load_settings()
        shop, how = planned_shop(self.shop), settings.order_push
        with fail_without_retry(), open_postgres(shop.store_conn_id) as session:
            days = int(context["params"].get("days") or how.reconcile_days)
            reconciling = OrderReconcile(session, shop, how.lookback)
            missing = reconciling.reconcile(days, enqueue=True)
            unknown = reconciling.unknown_shop(days, missing)
        findings = [
            missing_finding(shop, missing, how.lookback),
            name_finding(shop.name, unknown),
            unreadable_finding(shop.name, missing),
            comparison_finding(shop.name),
        ]
        outlet = alerting(settings.alerts)
        review_incidents(self.watch, findings, outlet, clock.now())
        has_looked(self.watch, comparison_finding(shop.name).subject, outlet)
        self.log.info("%s: %s", shop.name, findings[0].why)
        return {name: getattr(missing, name) for name in ("compared", "records", "states", "changed")}

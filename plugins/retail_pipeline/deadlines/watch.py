"""Checks the data, not the runs: is a shop's day done, and if not, have people been told?"""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import as_completed
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from retail_pipeline.alerts.alert import Alert, AlertKind
from retail_pipeline.alerts.alerting import Alerting
from retail_pipeline.alerts.daemon_threads import begin
from retail_pipeline.alerts.once import alert_once, alerted
from retail_pipeline.databases.postgres_session import query
from retail_pipeline.deadlines.due_times import Progress, alert_due, latest_due_date, schedule_of
from retail_pipeline.deadlines.words import ReportDay, deadline_alert
from retail_pipeline.errors import PipelineError
from retail_pipeline.settings.retail import Settings, Shop

if TYPE_CHECKING:
    import psycopg

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class DeadlineWatch:
    """The watch over the days of all reports.

    :ivar open_store: opens a session with a shop's database, by connection id
    """

    settings: Settings
    alerting: Alerting
    open_store: Callable[[str], AbstractContextManager[psycopg.Connection[Any]]]

    def progress(self, report: str, shop: Shop, business_date: date) -> Progress:
        """Return how far a shop's day is; if the database cannot be asked, the day is not done for that reason."""
        key = {"shop": shop.name, "business_date": business_date}
        try:
            with self.open_store(shop.store_conn_id) as connection:
                return Progress(**query(connection, f"reports/{report}/progress", key)[0])
        except PipelineError as fault:
            return Progress(done=False, last_error=str(fault))

    def review(
        self,
        report_day: ReportDay,
        shop: Shop,
        now: datetime,
        *,
        told: frozenset[AlertKind] | None = None,
        only: AlertKind | None = None,
    ) -> tuple[Progress, list[Alert]]:
        """Return how far one shop's day is, and which alerts are due for it.

        :param told: what was alerted already; None to look it up
        :param only: the only kind that may be alerted; None for any
        """
        schedule = schedule_of(self.settings.report(report_day.report), report_day.business_date)
        progress = self.progress(report_day.report, shop, report_day.business_date)
        if told is None:
            told = alerted(self.alerting, report_day.report, [shop.name], report_day.business_date)[shop.name]
        kind = alert_due(schedule, progress, told, now)
        if kind is None or only not in (None, kind):
            return progress, []
        log.info("%s of %s for %s: %s", report_day.report, shop.name, report_day.business_date, kind.value)
        return progress, [deadline_alert(report_day, kind, schedule, progress, now)]

    def review_latest(self, report: str, *, source: str, now: datetime) -> list[str]:
        """Review for every shop the day whose deadline passed last; return the shops that are not done.

        All shops are asked at once, and each one's alert is raised when its database has answered: a silent database
        holds up no other.
        """
        day = latest_due_date(self.settings.report(report), now)
        link = self.alerting.link(report)
        shops = self.settings.shops_with(report)
        told = alerted(self.alerting, report, [shop.name for shop in shops], day)
        looks = {}
        for shop in shops:
            report_day = ReportDay(report, shop.name, shop.title, day, link, source)
            looks[begin(partial(self.review, report_day, shop, now, told=told[shop.name]))] = shop.name
        for look in as_completed(looks):
            alert_once(look.result()[1], self.alerting)
        overdue = [name for look, name in looks.items() if not look.result()[0].done]
        log.info("%s for %s: %s", report, day, f"not done: {', '.join(overdue)}" if overdue else "all done")
        return overdue

"""When the daily reports are sent, and which days people must confirm first: section ``reports`` of the settings."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from pydantic import Field, model_validator

from retail_pipeline.settings.shapes import Share, Strict, TimeOfDay


class Report(Strict):
    """When a daily report starts, is due and is given up: times in Asia/Shanghai on the day after its date.

    :ivar report_empty_days: whether a day that stays empty is reported in the end
    """

    starts_at: TimeOfDay
    due_at: TimeOfDay
    gives_up_at: TimeOfDay
    retry_every_seconds: Annotated[int, Field(ge=5, le=3600)] = 60
    retry_late_every_seconds: Annotated[int, Field(ge=5, le=3600)] = 300
    report_empty_days: bool = False

    @model_validator(mode="after")
    def _in_order(self) -> Report:
        if not self.starts_at < self.due_at <= self.gives_up_at:
            raise ValueError("starts_at must be before due_at, and due_at not after gives_up_at")
        return self

    @property
    def retry_every(self) -> timedelta:
        return timedelta(seconds=self.retry_every_seconds)

    @property
    def retry_late_every(self) -> timedelta:
        return timedelta(seconds=self.retry_late_every_seconds)


class OrderVolume(Strict):
    """How far a day may be from what is usual, the median of the seven days before.

    :ivar min_share: of what is usual
    :ivar max_share: of what is usual
    :ivar min_usual_orders: if fewer are usual, nothing can be said
    """

    min_share: Share = 0.5
    max_share: Annotated[float, Field(gt=1)] = 5
    min_usual_orders: Annotated[int, Field(ge=1)] = 50


class OrderSummaryReport(Report):
    """The order summary. A day that looks wrong waits for a person to confirm it.

    :ivar report_empty_days: whether a day without a single order is reported in the end if nobody confirms it
    :ivar report_unusual_days: the same for a day that is far from the usual volume
    :ivar report_minutes_before_due: how long before ``due_at`` such a day is reported
    """

    report_unusual_days: bool = True
    report_minutes_before_due: Annotated[int, Field(ge=0, le=240)] = 10
    volume: OrderVolume = OrderVolume()

    @model_validator(mode="after")
    def _time_to_ask(self) -> OrderSummaryReport:
        between = timedelta(
            hours=self.due_at.hour - self.starts_at.hour, minutes=self.due_at.minute - self.starts_at.minute
        )
        if between <= self.report_before_due:
            raise ValueError("report_minutes_before_due leaves no time to ask between starts_at and due_at")
        return self

    @property
    def report_before_due(self) -> timedelta:
        return timedelta(minutes=self.report_minutes_before_due)


class Reports(Strict):
    wechat_youshu_report: Report
    youshu_order_summary: OrderSummaryReport

"""What the pipelines serve and when: the shape of ``include/config/retail.yaml``."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from retail_pipeline.errors import ConfigError

ReportName = Literal["wechat_youshu_report", "youshu_order_summary"]


def _time_of_day(value: object) -> object:
    # Without quotes YAML 1.1 reads 10:30 as a number in base 60.
    if isinstance(value, int):
        raise ValueError('put the time in quotes, e.g. "10:30"')
    return value


TimeOfDay = Annotated[time, BeforeValidator(_time_of_day)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,62}$")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Shop(_Strict):
    """A brand with its own mini-program."""

    name: Name
    title: str = ""
    store_conn_id: str
    wechat_conn_id: str
    youshu_conn_id: str
    reports: tuple[ReportName, ...]
    order_sources: tuple[int, ...] = (1,)


class Report(_Strict):
    """When a daily report starts, is due and is given up: times in Asia/Shanghai on the day after its date."""

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


class Reports(_Strict):
    wechat_youshu_report: Report
    youshu_order_summary: Report


class Alarms(_Strict):
    channels_conn_id: str = "apprise_default"
    tag: str = "all"
    record_conn_id: str = "warehouse_postgres"


class YoushuAppIds(_Strict):
    production: tuple[str, ...] = ()
    test: tuple[str, ...] = ()


class Settings(_Strict):
    """The whole file."""

    shops: Annotated[tuple[Shop, ...], Field(min_length=1)]
    reports: Reports
    alarms: Alarms = Alarms()
    youshu_app_ids: YoushuAppIds = YoushuAppIds()

    @model_validator(mode="after")
    def _names_once(self) -> Settings:
        names = [shop.name for shop in self.shops]
        if twice := {name for name in names if names.count(name) > 1}:
            raise ValueError(f"two shops are named {', '.join(sorted(twice))}")
        return self

    def shop(self, name: str) -> Shop:
        """Return one shop; ConfigError where there is none of that name."""
        for shop in self.shops:
            if shop.name == name:
                return shop
        known = ", ".join(shop.name for shop in self.shops)
        raise ConfigError(f"no shop named {name!r} in the settings file; there are: {known}")

    def report(self, name: str) -> Report:
        """Return one daily report's times; ``name`` is its dag_id."""
        report: Report = getattr(self.reports, name)
        return report

    def shops_with(self, report: str) -> list[Shop]:
        """Return the shops that a report serves."""
        return [shop for shop in self.shops if report in shop.reports]

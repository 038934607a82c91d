"""What the pipelines serve and when: the shape of ``include/config/retail.yaml``."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Annotated, Final, Literal, get_args

from pydantic import Field, model_validator

from retail_pipeline.errors import ConfigError
from retail_pipeline.settings.jushita_monitor import FeedMonitor
from retail_pipeline.settings.load_alerts import LoadAlerts, SysInfoAlerts
from retail_pipeline.settings.order_push import OrderPush
from retail_pipeline.settings.reports import Report, Reports
from retail_pipeline.settings.shapes import (
    Chosen,
    Day,
    EveryMinutes,
    Name,
    Named,
    Share,
    Strict,
    TimeOfDay,
    Word,
    named,
    named_once,
)

SysInfoTableName = Literal[
    "jdp_tb_trade", "jdp_tb_refund", "jdp_tb_item", "jdp_fx_trade", "jdp_jx_trade", "jdp_exchange_refund"
]
# The loads' names in the ledger; the watches use them, too.
AFTERSALES: Final = "wangdiantong_aftersales"
SYS_INFO: Final = "jushita_sys_info"
SYS_INFO_TABLES: tuple[SysInfoTableName, ...] = get_args(SysInfoTableName)
DEFAULT_OWNER: Final = "retail"
ReportName = Literal["wechat_youshu_report", "youshu_order_summary"]


class Shop(Named):
    """A brand with its own mini-program.

    :ivar orders: how orders get into the outbox: ``enqueued`` by its backend, ``captured`` from its tables, or none
    """

    title: str = ""
    store_conn_id: str
    wechat_conn_id: str
    youshu_conn_id: str
    reports: tuple[ReportName, ...]
    order_sources: Annotated[tuple[int, ...], Field(min_length=1)] = (1,)
    orders: Literal["none", "enqueued", "captured"] = "none"


class LoadAccount(Named):
    """Whose records a load brings, and into which database.

    :ivar load_from: the first day that scheduled loads must load; without it, the day before the first run
    """

    title: str = ""
    conn_id: str
    target_conn_id: str = "bi_mysql"
    load_from: Day | None = None


class WangdiantongAccount(LoadAccount):
    """One customer number (sid) at Wangdiantong flagship.

    :ivar shop_nos: only these shops; None means all that the appkey may see
    """

    shop_nos: Chosen = None


class LoadSettings(Strict):
    """How a load cuts time into windows, and how many records it may quarantine."""

    every_minutes: EveryMinutes = 15
    lookback_minutes: Annotated[int, Field(ge=0, le=1440)] = 10
    safety_delay_seconds: Annotated[int, Field(ge=0, le=3600)] = 60
    chunk_hours: Annotated[int, Field(ge=1, le=720)] = 24
    max_attempts: Annotated[int, Field(ge=1, le=20)] = 5
    max_quarantined: Annotated[int, Field(ge=0)] = 100
    max_quarantined_share: Share = 0.05
    alerts: LoadAlerts = LoadAlerts()

    @property
    def every(self) -> timedelta:
        return timedelta(minutes=self.every_minutes)

    @property
    def lookback(self) -> timedelta:
        return timedelta(minutes=self.lookback_minutes)

    @property
    def safety_delay(self) -> timedelta:
        return timedelta(seconds=self.safety_delay_seconds)

    @property
    def chunk_length(self) -> timedelta:
        return timedelta(hours=self.chunk_hours)


class PagedLoadSettings(LoadSettings):
    """How a source's pages are read.

    :ivar chunk_orders: about how many records a transaction publishes at most
    """

    chunk_orders: Annotated[int, Field(ge=100, le=100_000)] = 20_000
    page_size: Annotated[int, Field(ge=1, le=200)] = 50
    fetchers: Annotated[int, Field(ge=1, le=16)] = 4
    batch_rows: Annotated[int, Field(ge=1, le=10_000)] = 1000


class FurtherLoad(PagedLoadSettings):
    """A load that a pipeline of one's own brings along."""

    accounts: Annotated[tuple[LoadAccount, ...], Field(min_length=1), named_once("accounts")]


class SysInfoLoadSettings(LoadSettings):
    """How sys_info is read.

    :ivar chunk_rows: about how many rows a transaction publishes at most
    :ivar page_rows: how many rows of the source are read at once
    :ivar reconcile_at: when the nightly comparison starts, Asia/Shanghai
    :ivar reconcile_days: rows that changed within so many days are compared
    :ivar priorities: of a table's tasks in the pool, a greater one goes earlier; a table that is not named has 1
    """

    every_minutes: EveryMinutes = 5
    safety_delay_seconds: Annotated[int, Field(ge=0, le=3600)] = 15
    chunk_rows: Annotated[int, Field(ge=100, le=1_000_000)] = 5000
    page_rows: Annotated[int, Field(ge=10, le=10_000)] = 1000
    alerts: SysInfoAlerts = SysInfoAlerts()
    reconcile_at: TimeOfDay = time(2, 30)
    reconcile_days: Annotated[int, Field(ge=1, le=90)] = 3
    priorities: dict[SysInfoTableName, Annotated[int, Field(ge=1, le=1000)]] = Field(default={
        "jdp_tb_trade": 50, "jdp_tb_refund": 40, "jdp_exchange_refund": 30, "jdp_fx_trade": 20, "jdp_jx_trade": 20,
    })  # fmt: skip


class Loads(Strict):
    wangdiantong_aftersales: PagedLoadSettings = PagedLoadSettings()
    jushita_sys_info: SysInfoLoadSettings = SysInfoLoadSettings()


class SysInfoInstance(Named):
    """One RDS that Taobao pushes to.

    :ivar conn_id: connection of type mysql; the right to read is enough
    :ivar load_from: the first day that scheduled loads must load; without it, the day before the first run
    :ivar name: with the table's name after it, the ledger's key of at most 63 characters
    :ivar sellers: load only their rows; None means all
    :ivar tables: those that Taobao pushes
    """

    name: Annotated[Name, Field(max_length=43)]
    title: str = ""
    conn_id: str = "jushita_mysql"
    load_from: Day | None = None
    sellers: Chosen = None
    tables: Annotated[tuple[SysInfoTableName, ...], Field(min_length=1)] = SYS_INFO_TABLES

    def account_of(self, table: str) -> str:
        """Return how the ledger names one of its tables."""
        return f"{self.name}/{table}"


class AheadGroup(Named):
    """Rows that are loaded before all others when a load lags: of some sellers, or in some state.

    :ivar sellers: None means all
    :ivar statuses: values of the column ``status``; None means all
    """

    table: SysInfoTableName = "jdp_tb_trade"
    sellers: Chosen = None
    statuses: Chosen = None


class Jushita(Strict):
    """Taobao's data feed.

    :ivar taobao_conn_id: connection of type taobao: the app, and a seller's session
    :ivar seller_conn_ids: more such connections, with the sessions of other sellers
    :ivar pool: the Airflow pool that limits how many tasks read from an RDS at once
    :ivar ahead: which rows go first, in this order, while a table's watermark lags more than ``ahead_after_minutes``
    :ivar monitor: when people are alerted that the data feed, or our load, is late
    """

    taobao_conn_id: str = "taobao_default"
    seller_conn_ids: tuple[Word, ...] = ()
    target_conn_id: str = "warehouse_postgres"
    pool: str = "jushita_sys_info"
    instances: Annotated[tuple[SysInfoInstance, ...], Field(min_length=1), named_once("instances")] = (
        SysInfoInstance(name="rds"),
    )
    ahead: Annotated[tuple[AheadGroup, ...], named_once("groups")] = ()
    ahead_after_minutes: Annotated[int, Field(ge=1, le=1440)] = 15
    monitor: FeedMonitor = FeedMonitor()

    @property
    def sessions(self) -> tuple[str, ...]:
        """Return all connections that hold a seller's session."""
        return (self.taobao_conn_id, *self.seller_conn_ids)

    def instance(self, name: str) -> SysInfoInstance:
        """Return one instance; ConfigError if there is none of that name."""
        return named("instance of sys_info", name, self.instances)


class AlertSettings(Strict):
    channels_conn_id: str = "apprise_default"
    tag: str = "all"
    record_conn_id: str = "warehouse_postgres"


class YoushuAppIds(Strict):
    production: tuple[Word, ...] = ()
    test: tuple[Word, ...] = ()


class Settings(Strict):
    """The whole file.

    :ivar owner: of every DAG's tasks; Airflow shows it and filters by it
    """

    owner: Word = DEFAULT_OWNER
    shops: Annotated[tuple[Shop, ...], Field(min_length=1), named_once("shops")]
    wangdiantong_accounts: Annotated[tuple[WangdiantongAccount, ...], named_once("accounts")] = ()
    reports: Reports
    order_push: OrderPush = OrderPush()
    loads: Loads = Loads()
    further_loads: dict[Word, FurtherLoad] = Field(default={})
    jushita: Jushita | None = None
    alerts: AlertSettings = AlertSettings()
    youshu_app_ids: YoushuAppIds = YoushuAppIds()

    @model_validator(mode="after")
    def _further_loads_have_names_of_their_own(self) -> Settings:
        if taken := sorted(self.further_loads.keys() & Loads.model_fields.keys()):
            raise ValueError(
                f"further_loads: {', '.join(taken)} is a load of the project: its settings are in loads"
            )
        return self

    def shop(self, name: str) -> Shop:
        """Return one shop; ConfigError if there is none of that name."""
        return named("shop", name, self.shops)

    def load(self, name: str) -> LoadSettings:
        """Return how a load cuts and sets aside; ``name`` is the ledger's."""
        load: LoadSettings = self.further_loads.get(name) or getattr(self.loads, name)
        return load

    def further_load(self, name: str) -> FurtherLoad:
        """Return a load of a pipeline of one's own; ConfigError if the settings name none."""
        if name not in self.further_loads:
            raise ConfigError(
                f"the settings file has no further_loads.{name}: nothing says whose records to load"
            )
        return self.further_loads[name]

    def aftersales_targets(self) -> list[str]:
        """Return the connections of the databases that aftersales orders are loaded into, each once."""
        return sorted({account.target_conn_id for account in self.wangdiantong_accounts})

    def sys_info_pool(self) -> str:
        """Return the Airflow pool of the tasks that read from an RDS."""
        return self.jushita.pool if self.jushita else "default_pool"

    def feed_monitor(self) -> FeedMonitor:
        """Return how the data feed is watched."""
        return self.jushita.monitor if self.jushita else FeedMonitor()

    def _instances(self) -> tuple[SysInfoInstance, ...]:
        return self.jushita.instances if self.jushita else ()

    def report(self, name: str) -> Report:
        """Return one daily report's times; ``name`` is its dag_id."""
        report: Report = getattr(self.reports, name)
        return report

    def shops_with(self, report: str) -> list[Shop]:
        """Return the shops that a report serves."""
        return [shop for shop in self.shops if report in shop.reports]

    def shops_that_push_orders(self) -> list[Shop]:
        """Return the shops whose orders are pushed to Youshu."""
        return [shop for shop in self.shops if shop.orders != "none"]

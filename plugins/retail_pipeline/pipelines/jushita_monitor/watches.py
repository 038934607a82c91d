"""Checks the platform, the warehouse and an RDS, and judges the results."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from retail_pipeline.alerts.incidents import Finding
from retail_pipeline.business_time import SHANGHAI, Window, at, local_time
from retail_pipeline.databases.mysql_session import query_text as query_rds
from retail_pipeline.databases.statements import statement
from retail_pipeline.databases.target_session import dialect, query_text
from retail_pipeline.pipelines.jushita_monitor.checks import (
    OWN_LAG,
    PUSH_LAG,
    RETENTION,
    SOURCE_CLOCK,
    USERS,
    VOLUME,
    Check,
    HealthRecord,
)
from retail_pipeline.pipelines.jushita_monitor.findings import (
    Backlog,
    Delays,
    Kept,
    Volume,
    lag_finding,
    own_lag_finding,
    retention_finding,
    seller_finding,
    usual,
    volume_finding,
)
from retail_pipeline.pipelines.jushita_monitor.sellers import as_listed
from retail_pipeline.pipelines.jushita_monitor.source_clock import SourceClock, clock_finding
from retail_pipeline.settings.jushita_monitor import FeedMonitor
from retail_pipeline.settings.retail import SYS_INFO, Jushita, SysInfoInstance
from retail_pipeline.vendors.taobao.client import PushUser
from retail_pipeline.vendors.taobao.sys_info import RowFilter, SysInfoTable
from retail_pipeline.vendors.taobao.tables import FEED_TABLES
from retail_pipeline.windows.ledger import WindowLedger

if TYPE_CHECKING:
    import pymysql

    from retail_pipeline.databases.target_session import Session

HOUR = timedelta(hours=1)
# The count of a backlog stops at this number of rows.
MAX_COUNTED = 1_000_000
log = logging.getLogger(__name__)


def watch_users(session: Session, listed: list[PushUser], limits: FeedMonitor, now: datetime) -> Check:
    """Judge the sellers of the platform's list, and store since when each has its state."""
    record = HealthRecord(session)
    known = record.sellers()
    sellers = as_listed(known, listed, now)
    record.keep_sellers(seller for user_id, seller in sellers.items() if seller != known.get(user_id))
    removed_after = timedelta(days=limits.removed_after_days)
    findings = [seller_finding(seller, removed_after, now) for seller in sellers.values()]
    stopped = sum(finding.kind is not None for finding in findings)
    return Check(USERS, figures={"sellers": len(listed), "sellers_stopped": stopped}, findings=findings)


def watch_pushed_rows(session: Session, jushita: Jushita, now: datetime) -> list[Check]:
    """Judge the delay and the number of the warehouse's rows, up to each table's watermark.

    Where the watermark is long ago, in a first load or one that lags, the figures describe the past: they are
    measured, and not judged.
    """
    ledger = WindowLedger(session)
    checks: list[Check] = []
    for instance in jushita.instances:
        for table in instance.tables:
            watermark = ledger.watermark(SYS_INFO, instance.account_of(table))
            if watermark is None:
                log.info("%s of %s: nothing is loaded yet", table, instance.name)
                continue
            found = _pushed_rows(session, instance, table, watermark, jushita.monitor)
            past = now - watermark > HOUR
            checks += [replace(check, findings=()) if past else check for check in found]
    return checks


def watch_backlog(
    rds: pymysql.Connection[Any], session: Session, instance: SysInfoInstance, limits: FeedMonitor
) -> list[Check]:
    """Judge an RDS's clock, how far our load is behind by that clock, and whether rows are deleted unread."""
    checks: list[Check] = []
    for table in instance.tables:
        source = SysInfoTable(rds, instance.conn_id, FEED_TABLES[table], 1, RowFilter(instance.sellers))
        if not source.exists():
            log.info("%s of %s: nothing is pushed yet", table, instance.name)
            continue
        checks.append(_source_clock(source, instance, table))
        watermark = WindowLedger(session).watermark(SYS_INFO, instance.account_of(table))
        if watermark is None:
            log.info("%s of %s: nothing is loaded yet", table, instance.name)
            continue
        checks += _backlog(source, session, instance, table, Window(watermark, source.now()), limits)
    return checks


def _source_clock(source: SysInfoTable, instance: SysInfoInstance, table: str) -> Check:
    seen = SourceClock.of(source)
    told = [clock_finding(f"{instance.name}/{table}", seen)]
    return Check(SOURCE_CLOCK, instance.name, table, findings=told, measured_until=seen.newest)


def _pushed_rows(
    session: Session, instance: SysInfoInstance, table: str, until: datetime, limits: FeedMonitor
) -> Iterator[Check]:
    place, shown = (instance.name, table), f"{instance.name}/{table}"
    [found] = _ask_warehouse(session, "feed_lag", instance, table, Window(until - HOUR, until))
    delays = Delays(int(found.pop("rows_measured")), **{name: _number(found[name]) for name in found})
    lag = lag_finding(shown, delays, limits.feed_lag)
    yield Check(PUSH_LAG, *place, asdict(delays), _findings(lag), until)

    midnight = at(until.astimezone(SHANGHAI).date(), time())
    [day] = _ask_warehouse(session, "pushed_rows", instance, table, Window(midnight, until))
    before = HealthRecord(session).days_before((VOLUME, *place), until)
    volume = Volume(int(day["pushed"]), usual(before, until))
    few = volume_finding(shown, volume, limits.volume)
    yield Check(VOLUME, *place, asdict(volume), _findings(few), until)


def _backlog(
    source: SysInfoTable,
    session: Session,
    instance: SysInfoInstance,
    table: str,
    unread: Window,
    limits: FeedMonitor,
) -> Iterator[Check]:
    place, shown = (instance.name, table), f"{instance.name}/{table}"
    watermark, now = unread
    lag = max(int((now - watermark).total_seconds()), 0)
    ends = {"start": local_time(watermark), "end": local_time(now), "most": MAX_COUNTED}
    [counted] = query_rds(
        source.session, source.text("waiting"), {**ends, "sellers": source.row_filter.sellers}
    )
    before = HealthRecord(session).rows_before((OWN_LAG, *place), now)
    backlog = Backlog(lag, int(counted["waiting"]), before)
    own = own_lag_finding(shown, backlog, limits.own_lag)
    figures = {"lag_seconds": lag, "rows_measured": backlog.rows_measured}
    yield Check(OWN_LAG, *place, figures, [own], now)

    kept = _kept(source, now, limits)
    if kept is not None:
        retention = Kept(lag, kept)
        endangered = retention_finding(shown, retention, limits.own_lag, limits.retention)
        yield Check(RETENTION, *place, asdict(retention), [endangered], now)


def _kept(source: SysInfoTable, now: datetime, limits: FeedMonitor) -> int | None:
    """Return how many seconds rows stay there: the value in the settings, or else the age of the oldest row."""
    if limits.retention.days:
        return limits.retention.days * 86_400
    oldest = source.oldest()
    return int((now - oldest).total_seconds()) if oldest else None


def _ask_warehouse(
    session: Session, name: str, instance: SysInfoInstance, table: str, window: Window
) -> list[dict[str, Any]]:
    pushed = FEED_TABLES[table]
    sql = statement(f"feed_health/{name}", dialect(session)).format(
        head=pushed.head.name, modified=pushed.modified
    )
    ends = {"start": local_time(window.start), "end": local_time(window.end)}
    return query_text(session, sql, {"instance": instance.name, **ends})


def _number(value: Any) -> Any:
    """Return a driver's decimal as a plain number."""
    if value is None:
        return None
    return float(value) if value % 1 else int(value)


def _findings(finding: Finding | None) -> list[Finding]:
    return [finding] if finding else []

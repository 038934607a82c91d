"""Reads the ledger and the quarantine of a load's target, and alerts people of what is new there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from retail_pipeline import clock
from retail_pipeline.alerts.incident_watch import review_incidents
from retail_pipeline.alerts.incidents import Finding, IncidentKind
from retail_pipeline.business_time import Window, from_local_time, local_time
from retail_pipeline.databases.target_session import query
from retail_pipeline.monitors.loads.findings import (
    RUNBOOK,
    Begun,
    Certified,
    clock_finding,
    comparison_finding,
    lag_finding,
    quarantine_finding,
    start_finding,
    windows_finding,
)
from retail_pipeline.monitors.loads.names import seller_findings, shop_findings
from retail_pipeline.orchestration.alerting_from_settings import alerting
from retail_pipeline.orchestration.load_description import described_loads
from retail_pipeline.orchestration.planned_subjects import jushita_of
from retail_pipeline.orchestration.sessions import open_target
from retail_pipeline.settings.load_alerts import LoadAlerts
from retail_pipeline.settings.retail import AFTERSALES, SYS_INFO, Settings
from retail_pipeline.windows.ledger import COMPLETE, INCOMPLETE, WindowLedger
from retail_pipeline.windows.open_failures import open_failures

if TYPE_CHECKING:
    from retail_pipeline.databases.target_session import Session

# The DAG's name, under which etl_alert keeps the alerts of this watch.
WATCH: Final = "etl_load_monitor"
# Windows that ended within this time, or after the watermark, are checked; none is longer than MAX_LENGTH, which
# limits the index's range.
RECENT = timedelta(days=7)
MAX_LENGTH = timedelta(days=31)


@dataclass(frozen=True)
class WatchedLoad:
    """One load with one target: what is loaded into it, by the names of the ledger.

    :ivar compared: its target is compared with its source every night
    """

    pipeline: str
    conn_id: str
    accounts: tuple[str, ...]
    compared: bool = False


def watched_loads(settings: Settings) -> list[WatchedLoad]:
    """Return every load that the settings name, once per target."""
    return [
        WatchedLoad(load.pipeline, conn_id, tuple(accounts), compared=load.compared)
        for load in described_loads()
        for conn_id, accounts in load.accounts(settings).items()
    ]


def look_into(load: WatchedLoad, settings: Settings) -> list[Finding]:
    """Return what is found about a load, without an alert.

    :raises ConfigError: as ``open_target``
    :raises DatabaseUnavailable: as ``open_target``
    """
    how = settings.load(load.pipeline)
    now = clock.now()
    with open_target(load.conn_id, brief=True) as session:
        found = [
            finding
            for account in load.accounts
            for finding in _of_account(session, load, account, how.alerts, now)
        ]
        return [*found, *_of_names(session, load, settings)]


def review_load(load: WatchedLoad, settings: Settings) -> list[Finding]:
    """Alert people of what is new about a load; return what was found. Any process may call it.

    :raises ConfigError: as ``open_target``
    :raises DatabaseUnavailable: as ``open_target``
    """
    findings = [*look_into(load, settings), watch_finding(load)]
    review_incidents(WATCH, findings, alerting(settings.alerts), clock.now())
    return findings


def watch_finding(load: WatchedLoad, why_not: str | None = None) -> Finding:
    """Return the finding whether a load's target can be read."""
    subject = f"watch of {load.pipeline} in {load.conn_id}"
    if why_not is None:
        return Finding(subject, None, "it can be asked again")
    what = "the load's ledger cannot be asked (无法读取装载台账)"
    return Finding(subject, IncidentKind.INCIDENT, why_not, what, "mend what «why» names", RUNBOOK)


def _of_account(
    session: Session, watched: WatchedLoad, account: str, limits: LoadAlerts, now: datetime
) -> list[Finding]:
    load, key = f"{watched.pipeline} {account}", {"pipeline": watched.pipeline, "account": account}
    watermark = WindowLedger(session).watermark(watched.pipeline, account)
    latest = _latest_comparison(session, key, now) if watched.compared else None
    asked = watermark is None or (watched.compared and latest is None)
    begun = _begun(session, key) if asked else Begun()  # this query reads every certificate of the load
    [kept] = query(session, "quarantine/open_count", key)
    found = [
        start_finding(load, watermark, begun, now),
        lag_finding(load, watermark, limits, now),
        clock_finding(load, watermark, now),
        windows_finding(load, _left(session, key, watermark, now), limits, now),
        quarantine_finding(load, kept["records"], limits),
    ]
    if watched.compared:
        found.append(comparison_finding(load, latest, begun, limits, now))
    return [finding for finding in found if finding]


def _of_names(session: Session, load: WatchedLoad, settings: Settings) -> Iterator[Finding]:
    if load.pipeline == SYS_INFO:
        yield from seller_findings(jushita_of(settings))
        return
    for account in settings.wangdiantong_accounts:
        if load.pipeline == AFTERSALES and account.name in load.accounts:
            yield from shop_findings(session, account)


def _left(
    session: Session, key: dict[str, str], watermark: datetime | None, now: datetime
) -> list[Certified]:
    """Return the certificates that no later one covers; an old gap counts while it holds the watermark back."""
    since = min(now - RECENT, watermark or now)
    ends = {"since": local_time(since), "earliest": local_time(since - MAX_LENGTH)}
    recent = query(session, "ledger/recent", {**key, **ends})
    failed = open_failures(recent, since)
    return [_certified(row) for row in recent if row["id"] in failed]


def _begun(session: Session, key: dict[str, str]) -> Begun:
    [row] = query(session, "ledger/begun", key)
    return Begun(**{name: moment and from_local_time(moment) for name, moment in row.items()})


def _latest_comparison(session: Session, key: dict[str, str], now: datetime) -> Certified | None:
    since = {"since": local_time(now - MAX_LENGTH)}
    found = query(session, "ledger/latest_comparison", {**key, **since})
    if not found:
        return None
    missing = json.loads(found[0]["missing_keys"] or "[]")
    # Older certificates had no count, and named all keys.
    lacking = json.loads(found[0]["rule_counts"] or "{}").get("missing", len(missing))
    return replace(_certified(found[0]), missing=missing, lacking=lacking)


def _certified(row: dict[str, Any]) -> Certified:
    return Certified(
        window=Window(from_local_time(row["window_from"]), from_local_time(row["window_to"])),
        verdict=row["verdict"],
        complete=row["verdict"] == COMPLETE,
        differs=row["verdict"] == INCOMPLETE,
        started_at=from_local_time(row["started_at"]),
        error=row["error"],
    )

"""The meaning of the data feed's figures: each is compared with its limits. Pure.

Source of the promises: the platform's guide of the data feed (数据推送), FAQ on delay, sessions and retention.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from retail_pipeline.alerts.alert import in_shanghai
from retail_pipeline.alerts.incidents import Finding, IncidentKind
from retail_pipeline.alerts.usual_volume import DAYS, usual_of
from retail_pipeline.pipelines.jushita_monitor.sellers import Seller
from retail_pipeline.settings.jushita_monitor import FeedLag, FeedVolume, OwnLag, Retention
from retail_pipeline.vendors.taobao.client import DELETED, EXPIRED, PAUSED

DAY = timedelta(days=1)
_STOPPED = {PAUSED: "push is paused", EXPIRED: "session expired, push has stopped"}
# The runbook's heading about it.
RUNBOOK = "the-push-monitor"
_SELLERS_RUNBOOK = "push-users"
_ASK = "look into the platform's console; ask Jushita if it goes on"
_LOAD = "look at the runs of jushita_sys_info_load and at their certificates in etl_window"


@dataclass(frozen=True)
class Delays:
    """How long after its change each row of an hour was pushed; without rows, all but ``rows`` is None."""

    rows_measured: int
    median_seconds: int | None
    p99_seconds: int | None
    over_3_seconds: float | None
    over_20_minutes: float | None


@dataclass(frozen=True)
class Volume:
    """How many rows a day has until an hour, and how many it usually has by then; None where that is unknown."""

    rows_measured: int
    rows_usual: int | None


@dataclass(frozen=True)
class Backlog:
    """The rows that our load has not read yet.

    :ivar rows_measured: behind the watermark
    :ivar rows_before: the same at the last check; None where there was none
    """

    lag_seconds: int
    rows_measured: int
    rows_before: int | None = None


@dataclass(frozen=True)
class Kept:
    """How far behind our load is, and how long the source keeps rows."""

    lag_seconds: int
    kept_seconds: int


def seller_finding(seller: Seller, removed_after: timedelta, now: datetime) -> Finding:
    """Judge one seller: a push that has stopped ends for good after its time limit."""
    subject = f"seller {seller.user_nick}"
    if seller.gone_since and seller.status != DELETED:
        why = f"{_seen(seller)}; not in the platform's list since {in_shanghai(seller.gone_since)}"
        do = "`retail jushita users add`, or delete the row in jushita_push_user if that is as it should be"
        return Finding(
            subject,
            IncidentKind.GONE,
            why,
            "vanished from the push users, not removed by us",
            do,
            _SELLERS_RUNBOOK,
        )
    if not seller.stopped:
        return Finding(subject, None, "removed" if seller.status == DELETED else "pushed")
    left = seller.since + removed_after - now
    kind = IncidentKind.INCIDENT
    if left <= 7 * DAY:
        kind = IncidentKind.WEEK_LEFT
    if left <= DAY:
        kind = IncidentKind.DAY_LEFT
    what = f"{_STOPPED.get(seller.status, f'push has status {seller.status}')}, {_days_left(left)}"
    do = (
        "let the seller authorise the app again: the push goes on by itself; do not remove the user meanwhile"
    )
    return Finding(subject, kind, _seen(seller), what, do, _SELLERS_RUNBOOK)


def lag_finding(place: str, delays: Delays, limits: FeedLag) -> Finding | None:
    """Judge how late rows are pushed; None where too few were pushed to tell."""
    if delays.rows_measured < limits.min_rows:
        return None
    found = (
        ("median", delays.median_seconds, limits.median_seconds, "{} s"),
        ("p99", delays.p99_seconds, limits.p99_seconds, "{} s"),
        ("over 3 s", delays.over_3_seconds, limits.share_over_3_seconds, "{:.1%}"),
        ("over 20 min", delays.over_20_minutes, limits.share_over_20_minutes, "{:.1%}"),
    )
    told = (f"{name} {form.format(value)} (limit {form.format(limit)})" for name, value, limit, form in found)
    slow = any(value is not None and value > limit for _, value, limit, _ in found)
    return Finding(
        f"push lag of {place}",
        IncidentKind.INCIDENT if slow else None,
        f"of {delays.rows_measured} rows of the last hour: {', '.join(told)}",
        "pushed late",
        f"was a session interrupted, history pushed again, or is the RDS slow or its disk full? Else {_ASK}",
        runbook=RUNBOOK,
    )


def usual(days_before: Iterable[tuple[datetime, int]], until: datetime) -> int | None:
    """Return the median of seven earlier days at the same time; None where too few are known.

    :param days_before: moment and rows of its day until then; of a day the nearest to ``until`` counts
    """
    nearest: dict[int, tuple[timedelta, int]] = {}
    for moment, rows in days_before:
        days = (until.date() - moment.date()).days
        if 1 <= days <= DAYS:
            found = (abs(until - days * DAY - moment), rows)
            nearest[days] = min(found, nearest.get(days, found))
    middle = usual_of(rows for _, rows in nearest.values())
    return None if middle is None else int(middle)


def volume_finding(place: str, volume: Volume, limits: FeedVolume) -> Finding | None:
    """Judge how many rows a day has so far; None where the usual number is unknown or too small."""
    if volume.rows_usual is None or volume.rows_usual < limits.min_usual_rows:
        return None
    share = volume.rows_measured / volume.rows_usual
    return Finding(
        f"volume of {place}",
        IncidentKind.INCIDENT if share < limits.min_share else None,
        f"{volume.rows_measured} rows of today, usual at this hour: {volume.rows_usual} ({share:.0%}, "
        f"limit {limits.min_share:.0%})",
        "unusually few rows are pushed",
        f"is every seller pushed (`retail jushita users list`)? Else {_ASK}",
        runbook=RUNBOOK,
    )


def own_lag_finding(place: str, backlog: Backlog, limits: OwnLag) -> Finding:
    """Judge how far our load is behind, and tell whether it falls further behind."""
    before, now = backlog.rows_before, backlog.rows_measured
    course = "" if before is None else f"; {_course(before, now)}: {before} at the last look"
    return Finding(
        f"own load of {place}",
        IncidentKind.INCIDENT if backlog.lag_seconds > limits.minutes * 60 else None,
        f"{_span(backlog.lag_seconds)} behind the RDS (limit {limits.minutes} min), {now} rows wait{course}",
        "our load lags",
        _LOAD,
        runbook=RUNBOOK,
    )


def retention_finding(place: str, kept: Kept, lag_limit: OwnLag, limits: Retention) -> Finding:
    """Judge whether we read rows before the source deletes them; a load that does not lag has no such risk."""
    share = kept.lag_seconds / max(kept.kept_seconds, 1)
    endangered = share > limits.max_share and kept.lag_seconds > lag_limit.minutes * 60
    return Finding(
        f"retention of {place}",
        IncidentKind.INCIDENT if endangered else None,
        f"rows stay for {_span(kept.kept_seconds)}, our load is {_span(kept.lag_seconds)} behind ({share:.0%}, "
        f"limit {limits.max_share:.0%})",
        "rows may be deleted before they are read" if share < 1 else "rows may have been deleted unread",
        f"{_LOAD}; lengthen the retention in the console's sync settings",
        runbook=RUNBOOK,
    )


def _seen(seller: Seller) -> str:
    return f"first seen so at {in_shanghai(seller.since)}, pushed to {seller.rds}"


def _days_left(left: timedelta) -> str:
    days = ceil(left / DAY)
    if days <= 0:
        return "the platform may remove the seller at any time"
    return f"at most {days} {'day' if days == 1 else 'days'} left until the platform removes the seller"


def _course(before: int, now: int) -> str:
    return "growing" if now > before else "shrinking" if now < before else "unchanged"


def _span(seconds: int) -> str:
    minutes = seconds // 60
    if minutes < 120:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 2880 else f"{minutes // 1440} days"

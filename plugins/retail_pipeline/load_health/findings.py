"""What the ledger and the quarantine say of a load, judged. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from retail_pipeline.business_time import Window
from retail_pipeline.load_alert_settings import LoadAlerts
from retail_pipeline.notify.alarm import in_shanghai
from retail_pipeline.troubles import Finding, TroubleKind

# A comparison runs every night; one that is missing for so long was not merely slow.
COMPARED_EVERY = timedelta(hours=36)
# An error may quote a long answer, and an alert is read on a telephone.
MAX_WORDS = 200


@dataclass(frozen=True)
class Certified:
    """A certificate, as far as it matters here.

    :ivar differs: it went through, and the two sides are not the same
    """

    window: Window
    verdict: str
    complete: bool
    differs: bool
    started_at: datetime
    error: str | None


def lag_finding(load: str, watermark: datetime | None, limits: LoadAlerts, now: datetime) -> Finding | None:
    """Judge how old a watermark is; None where there is no limit, or nothing was ever loaded."""
    if limits.max_lag_minutes is None or watermark is None:
        return None
    minutes = (now - watermark) // timedelta(minutes=1)
    return Finding(
        f"watermark of {load}",
        TroubleKind.TROUBLE if minutes > limits.max_lag_minutes else None,
        f"complete up to {in_shanghai(watermark)}, {minutes} min ago (limit {limits.max_lag_minutes} min)",
        "load lags (装载滞后)",
        "look at the load's runs: is the DAG paused, does the scheduler live, which task failed?",
    )


def windows_finding(load: str, left: Sequence[Certified], limits: LoadAlerts, now: datetime) -> Finding:
    """Judge whether windows stay incomplete although they were tried again.

    :param left: certificates that nothing has covered since, the earliest first
    """
    subject = f"windows of {load}"
    if not left or now - left[0].started_at <= limits.max_open:
        return Finding(subject, None, "every window is complete, or is still being tried")
    first, latest = left[0], left[-1]
    return Finding(
        subject,
        TroubleKind.TROUBLE,
        f"first {in_shanghai(first.window.start)} to {in_shanghai(first.window.end)}, {first.verdict} since "
        f"{in_shanghai(first.started_at)}; latest error: {(latest.error or latest.verdict)[:MAX_WORDS]}",
        "windows are not complete after their tries (窗口未完整)",
        "mend what «why» names; `retail windows` lists them, and the next scheduled run reads them again",
    )


def quarantine_finding(load: str, records: int, limits: LoadAlerts) -> Finding:
    """Judge how many records wait in the quarantine."""
    return Finding(
        f"quarantine of {load}",
        TroubleKind.TROUBLE if records > limits.max_quarantined else None,
        f"{records} records wait (limit {limits.max_quarantined})",
        "many records in the quarantine (隔离记录过多)",
        "`retail quarantine list` says why; mend the cause, then `retail quarantine replay`",
    )


def comparison_finding(load: str, latest: Certified, limits: LoadAlerts, now: datetime) -> Finding:
    """Judge the latest nightly comparison; one that has failed is tried again for a while."""
    subject, age = f"nightly comparison of {load}", now - latest.started_at
    at = in_shanghai(latest.started_at)
    if not latest.complete and (latest.differs or age > limits.max_open):
        return Finding(
            subject,
            TroubleKind.TROUBLE,
            f"{latest.verdict} at {at}: {(latest.error or 'rows lack, and could not be had')[:MAX_WORDS]}",
            "the nightly comparison could not mend what it found (夜间比对有差异)",
            "`retail windows jushita_sys_info --days 8` names it; `retail jushita pull` loads single rows",
        )
    return Finding(
        subject,
        TroubleKind.TROUBLE if age > COMPARED_EVERY else None,
        f"the latest one began at {at}",
        "no nightly comparison ran (夜间比对未运行)",
        "is jushita_sys_info_reconcile paused?",
    )

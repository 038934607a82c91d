"""What the ledger and the quarantine say of a load, judged. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from retail_pipeline.alerts.alert import in_shanghai
from retail_pipeline.alerts.incidents import Finding, IncidentKind
from retail_pipeline.business_time import Window
from retail_pipeline.settings.load_alerts import LoadAlerts

# Its heading in the runbook.
RUNBOOK = "the-load-monitor"
# A comparison runs every night, and a load more often; after so long, it is missing and not only slow.
EXPECTED_WITHIN = timedelta(hours=36)
# An error may quote a long answer, and an alert is read on a telephone.
MAX_WORDS = 200
MAX_KEYS = 5
# An RDS's clock may be ahead of ours by so much, and with it the watermark of its load.
TOLERATED_AHEAD = timedelta(minutes=10)


@dataclass(frozen=True)
class Certified:
    """The parts of a certificate that the watch needs.

    :ivar differs: the comparison ran to its end, and the two sides differ
    :ivar missing: keys of rows that could not be read, the first thousand
    :ivar lacking: how many such rows there are
    """

    window: Window
    verdict: str
    complete: bool
    differs: bool
    started_at: datetime
    error: str | None
    missing: Sequence[str] = ()
    lacking: int = 0


@dataclass(frozen=True)
class Begun:
    """When a load began.

    :ivar certified: when its first certificate began, of any purpose and with any verdict; None if there is none
    :ivar loaded: when its first scheduled and complete certificate began; None if there is none
    """

    certified: datetime | None = None
    loaded: datetime | None = None


def start_finding(load: str, watermark: datetime | None, begun: Begun, now: datetime) -> Finding | None:
    """Judge whether a known load was ever planned by its schedule; None if nothing is known of it."""
    subject = f"schedule of {load}"
    if watermark is not None:
        return Finding(subject, None, f"complete up to {in_shanghai(watermark)}")
    if begun.certified is None:
        return None
    return Finding(
        subject,
        IncidentKind.INCIDENT if now - begun.certified > EXPECTED_WITHIN else None,
        f"it has no watermark, and its first certificate began at {in_shanghai(begun.certified)}",
        "no scheduled run of the load was ever planned (从未定时装载)",
        "is the load's DAG paused, or does its task that plans fail?",
        runbook=RUNBOOK,
    )


def lag_finding(load: str, watermark: datetime | None, limits: LoadAlerts, now: datetime) -> Finding | None:
    """Judge how old a watermark is; None if there is no limit, or no watermark."""
    if limits.max_lag_minutes is None or watermark is None:
        return None
    minutes = (now - watermark) // timedelta(minutes=1)
    return Finding(
        f"watermark of {load}",
        IncidentKind.INCIDENT if minutes > limits.max_lag_minutes else None,
        f"complete up to {in_shanghai(watermark)}, {minutes} min ago (limit {limits.max_lag_minutes} min)",
        "load lags (装载滞后)",
        "look at the load's runs: is the DAG paused, does the scheduler live, which task failed?",
        runbook=RUNBOOK,
    )


def clock_finding(load: str, watermark: datetime | None, now: datetime) -> Finding | None:
    """Judge whether a watermark lies in the future: some clock was ahead when it was moved."""
    if watermark is None:
        return None
    return Finding(
        f"clock of {load}",
        IncidentKind.INCIDENT if watermark - now > TOLERATED_AHEAD else None,
        f"complete up to {in_shanghai(watermark)}",
        "the watermark lies in the future (水位在未来)",
        "a clock was ahead: a worker's, the source's or the target's. Until that time comes, each run reads again "
        "what was read since then; nothing is lost",
        runbook=RUNBOOK,
    )


def windows_finding(load: str, left: Sequence[Certified], limits: LoadAlerts, now: datetime) -> Finding:
    """Judge whether windows stay incomplete although they were tried again.

    :param left: certificates that no later one covers, the earliest first
    """
    subject = f"windows of {load}"
    if not left or now - left[0].started_at <= limits.max_open:
        return Finding(subject, None, "every window is complete, or is still being tried")
    first, latest = left[0], left[-1]
    return Finding(
        subject,
        IncidentKind.INCIDENT,
        f"first {in_shanghai(first.window.start)} to {in_shanghai(first.window.end)}, {first.verdict} since "
        f"{in_shanghai(first.started_at)}; latest error: {(latest.error or latest.verdict)[:MAX_WORDS]}",
        "windows are not complete after their tries (窗口未完整)",
        "mend what «why» names; `retail windows` lists them, and the next scheduled run reads them again",
        runbook=RUNBOOK,
    )


def quarantine_finding(load: str, records: int, limits: LoadAlerts) -> Finding:
    """Judge how many records wait in the quarantine."""
    return Finding(
        f"quarantine of {load}",
        IncidentKind.INCIDENT if records > limits.max_quarantined else None,
        f"{records} records wait (limit {limits.max_quarantined})",
        "many records in the quarantine (隔离记录过多)",
        "`retail quarantine list` says why; mend the cause, then `retail quarantine replay`",
        runbook=RUNBOOK,
    )


def comparison_finding(
    load: str, latest: Certified | None, begun: Begun, limits: LoadAlerts, now: datetime
) -> Finding:
    """Judge the latest nightly comparison; one that has failed is tried again for a while.

    :param latest: None if no comparison began lately, or ever
    """
    subject = f"nightly comparison of {load}"
    if latest and not latest.complete and (latest.differs or now - latest.started_at > limits.max_open):
        return Finding(
            subject,
            IncidentKind.INCIDENT,
            f"{latest.verdict} at {in_shanghai(latest.started_at)}: {_left(latest)}",
            "the nightly comparison could not mend what it found (夜间比对有差异)",
            "`retail windows jushita_sys_info --days 8` shows it; `retail jushita pull` loads single rows",
            runbook=RUNBOOK,
        )
    since = latest.started_at if latest else begun.loaded
    return Finding(
        subject,
        IncidentKind.INCIDENT if since and now - since > EXPECTED_WITHIN else None,
        f"the latest one began at {in_shanghai(latest.started_at)}"
        if latest
        else "none began lately, if ever",
        "no nightly comparison ran (夜间比对未运行)",
        "is jushita_sys_info_reconcile paused?",
        runbook=RUNBOOK,
    )


def names_finding(place: str, unknown: str) -> Finding:
    """Judge the sellers or shops that the settings name: for an unknown one nothing is loaded, and nobody notices.

    :param place: the part of the settings that has them
    :param unknown: the unknown names, in words
    """
    return Finding(
        f"names of {place}",
        IncidentKind.INCIDENT if unknown else None,
        f"nobody knows {unknown}" if unknown else "every name in the settings is known",
        "the settings name what nobody knows (设置中的名称无人知晓)",
        "is it mistyped, or not in use any more? Nothing of that name is loaded, and no window lacks it. Mend the "
        "name in the settings, then load the windows of before by hand",
    )


def _left(certified: Certified) -> str:
    if certified.error or not certified.missing:
        return (certified.error or "see the task's log")[:MAX_WORDS]
    keys, more = certified.missing[:MAX_KEYS], " …" if certified.lacking > MAX_KEYS else ""
    return f"{certified.lacking} rows lack or differ, and could not be had: {', '.join(keys)}{more}"

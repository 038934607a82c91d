"""The words of an alert about a day: what is late, since when, why, what was tried, what to do. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from retail_pipeline.alerts.alert import (
    Alert,
    AlertKind,
    clock_time,
    facts_text,
    in_shanghai,
    where_to_look,
)
from retail_pipeline.deadlines.due_times import Progress, Schedule
from retail_pipeline.errors import DayInDoubt


@dataclass(frozen=True)
class ReportDay:
    """Which shop's day an alert speaks of, and where to look."""

    report: str
    shop: str
    shop_title: str
    business_date: date
    link: str
    source: str


def deadline_alert(
    report_day: ReportDay, kind: AlertKind, schedule: Schedule, progress: Progress, now: datetime
) -> Alert:
    """Word an alert that depends on the time: late, missed, or done at last."""
    name = _name(report_day)
    if kind is AlertKind.RECOVERED:
        done_at = progress.done_at or now
        late = "late but " if done_at > schedule.due_at else ""
        title = f"{late}done at {clock_time(done_at)}: {name}"
        told = [("done", in_shanghai(done_at)), ("tried", _tries(progress)), ("look", report_day.link)]
        return _alert(report_day, kind, title, told)
    due, head = (
        (schedule.due_at, "late") if kind is AlertKind.LATE else (schedule.gives_up_at, "NOT DONE, given up")
    )
    next_step = (
        f"it is tried again until {clock_time(schedule.gives_up_at)}; look at the cause now"
        if kind is AlertKind.LATE
        else "mend the cause, then clear the run's failed tasks or trigger the DAG with this business_date"
    )
    facts = [
        ("due", f"{in_shanghai(due)}, now {clock_time(now)}"),
        ("why", progress.last_error or _unexplained(progress)),
        ("tried", _tries(progress)),
        ("do", next_step),
        *where_to_look("an-alert-came" if kind is AlertKind.LATE else "repeating-a-day", report_day.link),
    ]
    return _alert(report_day, kind, f"{head} at {clock_time(due)}: {name}", facts)


def failure_alert(report_day: ReportDay, task: str, cause: str) -> Alert:
    """Word an alert about an error that waiting does not cure."""
    facts = [
        ("why", cause),
        ("tried", f"task {task}; it is not tried again"),
        ("do", "mend what «why» names, then clear the failed task"),
        *where_to_look("error-messages", report_day.link),
    ]
    return _alert(report_day, AlertKind.FAILED, f"failed: {_name(report_day)}", facts)


def doubt_alert(report_day: ReportDay, doubt: DayInDoubt) -> Alert:
    """Word an alert about a day that looks wrong: a person must confirm it before it is reported."""
    confirm = f"`retail youshu confirm {report_day.shop} {report_day.business_date}`"
    otherwise, chinese = doubt.otherwise
    facts = [
        ("why", doubt.why),
        ("do", f"if it is right: {confirm}, which reports it at once; if not: mend the shop's name in the "
               "settings, its view or its tables, and it is summed up anew within a minute"),
        ("else", otherwise),
        ("处理", f"数据无误: {confirm}, 立即上报; 有误: 修正店铺名、视图或数据表, 一分钟内自动重算; {chinese}"),
        *where_to_look("a-day-looks-wrong-数据可疑", report_day.link),
    ]  # fmt: skip
    title = f"looks wrong, waits for a person (数据可疑, 待人工确认): {_name(report_day)}"
    return _alert(report_day, AlertKind.DOUBTFUL, title, facts)


def _name(report_day: ReportDay) -> str:
    return f"{report_day.report} of {report_day.shop_title or report_day.shop} for {report_day.business_date}"


def _alert(report_day: ReportDay, kind: AlertKind, title: str, facts: list[tuple[str, str]]) -> Alert:
    return Alert(
        report=report_day.report,
        shop=report_day.shop,
        business_date=report_day.business_date,
        kind=kind,
        source=report_day.source,
        title=title,
        body=facts_text(facts),
    )


def _unexplained(progress: Progress) -> str:
    if progress.first_try_at is None:
        return "nothing was tried: no run was created (is the DAG paused, is the scheduler down?)"
    return "no error is recorded: a task is still running or waiting"


def _tries(progress: Progress) -> str:
    if progress.first_try_at is None:
        return "nothing yet"
    counts = [("fetched", progress.pulls), ("sent to Youshu", progress.pushes)]
    told = ", ".join(f"{what} {count} times" for what, count in counts if count)
    return f"{told or 'nothing yet'} since {in_shanghai(progress.first_try_at)}"

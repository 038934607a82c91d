from __future__ import annotations

from datetime import date, datetime

import pytest

from retail_pipeline.alerts.alert import AlertKind
from retail_pipeline.deadlines.due_times import Progress, schedule_of
from retail_pipeline.deadlines.words import ReportDay, deadline_alert, failure_alert
from retail_pipeline.settings.reports import Report

DAY = date(2026, 11, 22)
LINK = "http://airflow.example/dags/wechat_youshu_report/runs/scheduled__2026"
SCHEDULE = schedule_of(Report(starts_at="10:00", due_at="10:30", gives_up_at="11:00"), DAY)


def clock(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-11-23T{text}+08:00")


def subject(title: str = "花间集旗舰店") -> ReportDay:
    return ReportDay("wechat_youshu_report", "flagship", title, DAY, LINK, "task")


TRIED = Progress(
    done=False,
    first_try_at=clock("10:00:03"),
    pulls=31,
    pushes=2,
    last_error="visit_page: wechat /datacube/x [61503]: data not ready",
)


def alert(kind: AlertKind, progress: Progress = TRIED, now: str = "10:30:04"):
    return deadline_alert(subject(), kind, SCHEDULE, progress, clock(now))


def fact(text: str, label: str) -> str:
    found = [line for line in text.splitlines() if line.startswith(f"{label}: ")]
    assert len(found) == 1, text
    return found[0]


def test_late_says_what_since_when_why_what_was_tried_what_to_do_and_where():
    late = alert(AlertKind.LATE)

    assert late.title == "late at 10:30: wechat_youshu_report of 花间集旗舰店 for 2026-11-22"
    assert fact(late.body, "due") == "due: 2026-11-23 10:30:00 (Shanghai), now 10:30"
    assert "[61503]: data not ready" in fact(late.body, "why")
    assert fact(late.body, "tried") == (
        "tried: fetched 31 times, sent to Youshu 2 times since 2026-11-23 10:00:03 (Shanghai)"
    )
    assert "until 11:00" in fact(late.body, "do")
    assert fact(late.body, "look") == f"look: {LINK}"


def test_missed_is_another_text_that_says_how_to_repeat_the_day():
    missed = alert(AlertKind.MISSED, now="11:00:02")

    assert missed.title.startswith("NOT DONE, given up at 11:00: wechat_youshu_report of 花间集旗舰店")
    assert "2026-11-23 11:00:00" in fact(missed.body, "due")
    assert "clear" in fact(missed.body, "do")
    assert "business_date" in fact(missed.body, "do")
    assert missed.title != alert(AlertKind.LATE).title


def test_recovered_says_late_but_done_at_which_minute():
    done = Progress(done=True, done_at=clock("10:47:12"), first_try_at=clock("10:00:03"), pulls=34, pushes=2)

    recovered = alert(AlertKind.RECOVERED, done, "10:47:13")

    assert recovered.title == ("late but done at 10:47: wechat_youshu_report of 花间集旗舰店 for 2026-11-22")
    assert "fetched 34 times, sent to Youshu 2 times" in fact(recovered.body, "tried")


def test_done_in_time_after_a_failure_is_not_called_late():
    done = Progress(done=True, done_at=clock("10:12:00"), first_try_at=clock("10:00:03"))

    assert alert(AlertKind.RECOVERED, done, "10:12:01").title.startswith("done at 10:12: ")


def test_when_nothing_was_ever_tried_it_says_that_no_run_was_created():
    late = alert(AlertKind.LATE, Progress(done=False))

    assert "no run was created" in fact(late.body, "why")
    assert fact(late.body, "tried") == "tried: nothing yet"


def test_a_database_that_could_not_be_asked_is_the_reason():
    unreachable = Progress(done=False, last_error="connection 'store_postgres': refused")

    assert "connection 'store_postgres': refused" in fact(alert(AlertKind.LATE, unreachable).body, "why")


def test_tries_without_an_error_are_still_at_work():
    running = Progress(done=False, first_try_at=clock("10:00:03"), pulls=1)

    assert "still running or waiting" in fact(alert(AlertKind.LATE, running).body, "why")


def test_a_report_that_fetches_nothing_does_not_speak_of_fetching():
    sent = Progress(done=False, first_try_at=clock("05:00:03"), pushes=4)

    assert fact(alert(AlertKind.LATE, sent).body, "tried").startswith("tried: sent to Youshu 4 times since")


def test_a_day_that_was_begun_but_neither_fetched_nor_sent_says_so():
    begun = Progress(done=False, first_try_at=clock("05:00:03"))

    assert fact(alert(AlertKind.LATE, begun).body, "tried").startswith("tried: nothing yet since")


def test_moments_in_another_zone_are_told_by_shanghai_clocks():
    utc = datetime.fromisoformat("2026-11-23T02:31:00+00:00")

    assert "now 10:31" in deadline_alert(subject(), AlertKind.LATE, SCHEDULE, TRIED, utc).body


def test_a_failure_names_the_task_the_cause_and_what_to_do():
    failed = failure_alert(subject(), "pull_visit_page", "wechat [40013]: invalid appid; mend: AppID")

    assert failed.kind is AlertKind.FAILED
    assert failed.title == "failed: wechat_youshu_report of 花间集旗舰店 for 2026-11-22"
    assert "mend: AppID" in fact(failed.body, "why")
    assert "pull_visit_page" in fact(failed.body, "tried")
    assert "clear the failed task" in fact(failed.body, "do")
    assert fact(failed.body, "look") == f"look: {LINK}"


@pytest.mark.parametrize("kind", list(AlertKind))
def test_an_alerts_carries_what_it_is_recorded_under(kind):
    alerted = alert(kind)

    assert (alerted.report, alerted.shop, alerted.business_date, alerted.kind, alerted.source) == (
        "wechat_youshu_report",
        "flagship",
        DAY,
        kind,
        "task",
    )


def test_a_shop_without_a_title_is_told_by_its_name():
    untitled = deadline_alert(subject(title=""), AlertKind.LATE, SCHEDULE, TRIED, clock("10:30:04"))

    assert "of flagship for" in untitled.title

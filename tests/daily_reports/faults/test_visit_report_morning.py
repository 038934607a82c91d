"""10:00 to 11:00 of the visit report: when it tries, when it alerts, what Youshu gets."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

import psycopg
import pytest
import yaml

from retail_pipeline import clock
from retail_pipeline.business_time import SHANGHAI
from retail_pipeline.orchestration.deadline_watch import deadline_watch
from retail_pipeline.pipelines.daily_reports.pull_operators import WeChatToStoreOperator
from retail_pipeline.pipelines.daily_reports.report_operators import VisitsToYoushuOperator
from retail_pipeline.settings.file import DEFAULT_PATH
from tests import planned
from tests.alerts.alert_receiver import AlertReceiver
from tests.conftest import SimulatedClock
from tests.daily_reports.faults.morning import Morning
from tests.sandbox_control import SandboxControl

REPORT = "wechat_youshu_report"
DATACUBE = "/datacube/"
NAME = "wechat_youshu_report of 花间集旗舰店 for 2026-11-22"


def at(clock: str) -> datetime:
    return datetime.fromisoformat(f"2026-11-23T{clock}:00").replace(tzinfo=SHANGHAI)


@pytest.fixture
def morning(
    store: psycopg.Connection, warehouse: psycopg.Connection, simulated_clock: SimulatedClock
) -> Morning:
    simulated_clock.set(at("10:00"))
    return Morning(simulated_clock, REPORT)


def run(morning: Morning, kind: str = "visit_page") -> Morning:
    pull = morning.add(
        WeChatToStoreOperator(task_id=f"pull_{kind}", shop=planned.shop("flagship"), kind=kind)
    )
    morning.add(
        VisitsToYoushuOperator(task_id=f"report_{kind}", shop=planned.shop("flagship"), kind=kind), after=pull
    )
    if kind == "visit_page":
        return run(morning, "visit_distribution")
    morning.run()
    return morning


def states(morning: Morning) -> set[str]:
    return {task.state for task in morning.tasks}


def tries(morning: Morning) -> list[str]:
    return [f"{moment.astimezone(SHANGHAI):%H:%M}" for moment in morning.tasks[0].tried_at]


def reported(sandbox: SandboxControl) -> list[tuple[str, int]]:
    return sorted((report["kind"], report["count"]) for report in sandbox.reports())


def test_a_day_that_is_there_is_reported_without_a_word(
    morning: Morning, sandbox: SandboxControl, alerts: AlertReceiver
) -> None:
    assert states(run(morning)) == {"done"}
    assert [count for _, count in reported(sandbox)] == [1, 1]
    assert alerts.titles == []


@pytest.mark.long
@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "not_ready"},
        {"kind": "throttle"},
        {"kind": "empty_list"},
        {"kind": "error", "body": {"errcode": -1, "errmsg": "system error"}},
        {"kind": "http_status", "status": 502},
        {"kind": "reset"},
        {"kind": "truncate"},
    ],
    ids=lambda fault: fault["kind"],
)
def test_what_passes_is_tried_every_minute(
    morning: Morning, sandbox: SandboxControl, alerts: AlertReceiver, fault: dict
) -> None:
    sandbox.fault(DATACUBE, until=at("10:05").isoformat(), **fault)
    run(morning)
    assert tries(morning) == ["10:00", "10:01", "10:02", "10:03", "10:04", "10:05"]
    assert states(morning) == {"done"}
    assert alerts.titles == []


@pytest.mark.long
def test_late_alerts_once_and_done_at_last_alerts_once(
    morning: Morning, sandbox: SandboxControl, alerts: AlertReceiver
) -> None:
    sandbox.fault(DATACUBE, "not_ready", until=at("10:41").isoformat())
    run(morning)
    assert tries(morning)[-5:] == ["10:29", "10:30", "10:35", "10:40", "10:45"]
    assert alerts.titles == [f"late at 10:30: {NAME}", f"late but done at 10:45: {NAME}"]
    body = alerts.messages[0]["message"]
    assert "61503" in body
    assert "tried: fetched 61 times since 2026-11-23 10:00:00" in body
    assert "/dags/wechat_youshu_report/runs/scheduled__1" in body


@pytest.mark.long
def test_given_up_at_eleven_with_a_second_alert(
    morning: Morning, sandbox: SandboxControl, alerts: AlertReceiver
) -> None:
    sandbox.fault(DATACUBE, "not_ready")
    run(morning)
    assert tries(morning)[-3:] == ["10:50", "10:55", "11:00"]
    assert {task.state for task in morning.tasks if task.after is None} == {"failed"}
    assert alerts.titles == [f"late at 10:30: {NAME}", f"NOT DONE, given up at 11:00: {NAME}"]


@pytest.mark.long
def test_youshu_that_is_down_is_waited_for_too(
    morning: Morning, sandbox: SandboxControl, alerts: AlertReceiver
) -> None:
    sandbox.fault("/data-api/", "http_status", status=503, until=at("10:07").isoformat())
    run(morning)
    assert states(morning) == {"done"}
    assert [f"{t.astimezone(SHANGHAI):%H:%M}" for t in morning.tasks[1].tried_at][-1] == "10:07"
    assert [count for _, count in reported(sandbox)] == [1, 1]


def test_an_answer_that_was_lost_is_asked_for_again(
    morning: Morning, sandbox: SandboxControl, alerts: AlertReceiver
) -> None:
    """Youshu took the day, its answer never came: the day is sent again, which Youshu takes."""
    sandbox.fault("/data-api/v1/analysis/add_wxapp_visit_page", "reset", after_accept=True, times=1)
    run(morning)
    assert states(morning) == {"done"}
    assert [count for _, count in reported(sandbox)] == [1, 2]


@pytest.mark.long
@pytest.mark.parametrize("allowed", [False, True])
def test_an_empty_day_is_stored_alerted_and_reported_only_where_settings_say_so(
    morning: Morning,
    sandbox: SandboxControl,
    store: psycopg.Connection,
    alerts: AlertReceiver,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    allowed: bool,
) -> None:
    content = yaml.safe_load(DEFAULT_PATH.read_text())
    content["reports"][REPORT]["report_empty_days"] = allowed
    (tmp_path / "retail.yaml").write_text(yaml.safe_dump(content))
    monkeypatch.setenv("RETAIL_CONFIG", str(tmp_path / "retail.yaml"))
    sandbox.fault(DATACUBE, "empty_list")
    run(morning)
    rows = store.execute("SELECT row_count, weixin_response_info FROM t_store_youshu_pv").fetchall()
    assert [row[0] for row in rows] == [0, 0]
    assert all(json.loads(row[1])["list"] == [] for row in rows)
    assert alerts.titles[0] == f"late at 10:30: {NAME}"
    assert "empty list" in alerts.messages[0]["message"]
    assert len(reported(sandbox)) == (2 if allowed else 0)
    second = "late but done at 11:00" if allowed else "NOT DONE, given up at 11:00"
    assert alerts.titles[-1] == f"{second}: {NAME}"


def test_a_wrong_secret_fails_at_once_and_says_what_to_mend(
    morning: Morning, alerts: AlertReceiver, monkeypatch: pytest.MonkeyPatch, sandbox: SandboxControl
) -> None:
    app = sandbox.credentials("wechat")
    connection = {
        "conn_type": "wechat",
        "host": sandbox.url,
        "login": app["appid"],
        "password": "not-the-secret",
    }
    monkeypatch.setenv("AIRFLOW_CONN_WECHAT_DEFAULT", json.dumps(connection))
    run(morning)
    assert tries(morning) == ["10:00"]
    assert alerts.titles == [f"failed: {NAME}"]
    assert "mend: AppSecret of connection 'wechat_default'" in alerts.messages[0]["message"]


@pytest.mark.long
def test_the_watchdog_adds_nothing_to_what_the_tasks_rang(
    morning: Morning, sandbox: SandboxControl, alerts: AlertReceiver
) -> None:
    sandbox.fault(DATACUBE, "not_ready")
    run(morning)
    alerted = list(alerts.titles)
    deadline_watch().review_latest(REPORT, source="watchdog", now=clock.now())
    assert [title for title in alerts.titles if "旗舰店" in title] == alerted


@pytest.mark.long
@pytest.mark.parametrize("run_type", ["manual", "backfill"])
def test_only_the_scheduled_run_alerts(
    morning: Morning, sandbox: SandboxControl, alerts: AlertReceiver, run_type: str
) -> None:
    """Its patience is that of the schedule, counted from its own start."""
    morning.run_type = run_type
    morning.clock.set(at("15:00"))
    sandbox.fault(DATACUBE, "not_ready")
    run(morning)
    assert tries(morning)[-1] == "16:00"
    assert alerts.titles == []


def test_a_reported_day_is_neither_fetched_nor_sent_again(
    morning: Morning, sandbox: SandboxControl, alerts: AlertReceiver
) -> None:
    run(morning)
    asked = len(sandbox.journal())
    again = run(Morning(morning.clock, REPORT, run_type="manual"))
    assert states(again) == {"done"}
    assert len(sandbox.journal()) == asked
    forced = run(Morning(morning.clock, REPORT, run_type="manual", params={"force": True}))
    assert states(forced) == {"done"}
    assert [count for _, count in reported(sandbox)] == [2, 2]


def test_a_run_that_the_scheduler_made_late_still_tries_and_alerts(
    morning: Morning, sandbox: SandboxControl, alerts: AlertReceiver
) -> None:
    """The scheduler was down until 11:20."""
    morning.clock.set(at("11:20"))
    sandbox.fault(DATACUBE, "not_ready", until=(at("11:20") + timedelta(minutes=2)).isoformat())
    run(morning)
    assert states(morning) == {"done"}
    assert alerts.titles == [f"NOT DONE, given up at 11:00: {NAME}", f"late but done at 11:22: {NAME}"]


def test_a_run_that_was_made_late_and_works_is_no_alerts_of_its_own(
    morning: Morning, alerts: AlertReceiver
) -> None:
    """A DAG unpaused in the afternoon: the day was late, but that is for the watchdog to say."""
    morning.clock.set(at("15:00"))
    assert states(run(morning)) == {"done"}
    assert alerts.titles == []

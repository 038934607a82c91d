"""A guard that does not look is noticed, also one that never did; on a real record."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

import psycopg
import pytest
from click.testing import CliRunner

from retail_pipeline import clock
from retail_pipeline.alerts.guard_record import Guard, has_looked, looks
from retail_pipeline.cli.main import retail
from retail_pipeline.monitors.guards.findings import guards_of
from retail_pipeline.monitors.guards.operators import WatchGuardsOperator
from retail_pipeline.monitors.guards.watch import look_into_guards
from retail_pipeline.monitors.settings.operators import WatchSettingsOperator
from retail_pipeline.orchestration.alerting_from_settings import alerting
from retail_pipeline.orchestration.task_failure import TaskFailureNotifier
from retail_pipeline.pipelines.order_push.watch_operators import WatchOutboxOperator
from retail_pipeline.settings.file import load_settings
from retail_pipeline.settings.retail import AlertSettings, Settings
from tests import planned
from tests.alerts.alert_receiver import AlertReceiver
from tests.conftest import SQL, SimulatedClock

MINUTE = timedelta(minutes=1)
OUTBOX = Guard("youshu_push_monitor", "watch of the outbox of flagship")


@pytest.fixture
def watched(
    warehouse: psycopg.Connection, simulated_clock: SimulatedClock, alerts: AlertReceiver
) -> SimulatedClock:
    return simulated_clock


def watch() -> dict[str, str]:
    return WatchGuardsOperator(task_id="watch_guards").execute({})


def everybody_looks(but: Collection[Guard] = ()) -> None:
    settings = load_settings()
    for guard in guards_of(settings).keys() - set(but):
        has_looked(*guard, alerting(settings.alerts))


def test_one_that_never_looked_is_missed_from_the_first_time_on_that_it_is_asked_for(watched, alerts):
    assert set(watch().values()) == {"fine"}, "it may be new"
    watched.advance(9 * MINUTE)
    watch()
    assert alerts.titles == []
    watched.advance(2 * MINUTE)
    watch()
    assert sorted(alerts.titles) == [
        f"a guard does not look (监控未运行): guard youshu_push_monitor: watch of the outbox of {shop}"
        for shop in ("flagship", "outlet")
    ]
    assert "it has never looked" in alerts.messages[0]["message"]


def test_a_stopped_guard_alerts_once_and_once_when_it_checks_again(watched, alerts):
    everybody_looks()
    for _ in range(3):
        watched.advance(11 * MINUTE)
        everybody_looks(but=[OUTBOX])
        watch()
    assert [title.rpartition(" ")[2] for title in alerts.titles] == ["flagship"]
    assert "it has not looked since" in alerts.messages[0]["message"]
    has_looked(*OUTBOX, alerting(load_settings().alerts))
    watch()
    assert len(alerts.titles) == 2
    assert alerts.titles[1].startswith("recovered")


@pytest.mark.parametrize(
    ("dag_id", "minutes"),
    [("youshu_push_monitor", 11), ("etl_load_monitor", 41), ("jushita_push_monitor", 41),
     ("etl_alert_send", 16), ("youshu_order_reconcile", 36 * 60 + 1), ("youshu_deadline_watch", 25 * 60 + 1)],
)  # fmt: skip
def test_each_guard_is_missed_after_its_own_time(watched, alerts, dag_id, minutes):
    everybody_looks()
    mine = [guard for guard in guards_of(load_settings()) if guard.dag_id == dag_id]
    assert mine
    watched.advance((minutes - 2) * MINUTE)
    everybody_looks(but=mine)
    assert not any(finding.kind for finding in look_into_guards(load_settings()))
    watched.advance(2 * MINUTE)
    missed = [finding.subject for finding in look_into_guards(load_settings()) if finding.kind]
    assert missed == [f"guard {guard.dag_id}: {guard.subject}" for guard in mine]


def test_the_command_tells_and_alerts_from_outside(watched, alerts):
    everybody_looks()
    watched.advance(11 * MINUTE)
    told = CliRunner().invoke(retail, ["deadlines", "check"])
    assert told.exit_code == 1
    assert "guard youshu_push_monitor: watch of the outbox of flagship: a guard does not look" in told.output
    assert not any("guard" in title for title in alerts.titles)
    CliRunner().invoke(retail, ["deadlines", "check", "--alert"])
    assert sum("guard" in title for title in alerts.titles) == 2


def test_a_failed_watch_of_the_guards_alerts_and_so_does_its_end(watched, alerts):
    task = WatchGuardsOperator(task_id="watch_guards")
    TaskFailureNotifier().notify({"task": task, "exception": RuntimeError("connection refused")})
    assert alerts.titles == ["the guards cannot be watched: watch of the guards"]
    watch()
    assert [title.rpartition(": ")[2] for title in alerts.titles[1:]] == ["watch of the guards"]


def test_a_record_that_cannot_be_had_breaks_no_look(watched, caplog):
    has_looked(*OUTBOX, alerting(AlertSettings(record_conn_id="bi_mysql")))
    has_looked(*OUTBOX, alerting(AlertSettings(record_conn_id="nowhere")))
    assert caplog.text.count("is not noted") == 2


def test_a_look_that_came_late_does_not_undo_a_later_one(watched):
    settings = load_settings()
    has_looked(*OUTBOX, alerting(settings.alerts))
    last = clock.now()
    watched.advance(-MINUTE)
    has_looked(*OUTBOX, alerting(settings.alerts))
    assert looks([OUTBOX], alerting(settings.alerts))[OUTBOX].looked_at == last


def test_a_look_of_a_clock_that_was_ahead_hides_no_guard_that_has_stopped(watched, alerts):
    settings, day = load_settings(), timedelta(days=1)
    everybody_looks()
    watched.advance(day)
    has_looked(*OUTBOX, alerting(settings.alerts))
    watched.advance(-day)
    watch()
    assert [title.rpartition(" ")[2] for title in alerts.titles] == ["flagship"]
    assert "which is yet to come: a clock was ahead" in alerts.messages[0]["message"]
    has_looked(*OUTBOX, alerting(settings.alerts))
    assert looks([OUTBOX], alerting(settings.alerts))[OUTBOX].looked_at == clock.now()
    watch()
    assert alerts.titles[1].startswith("recovered")


def test_one_that_a_clock_ahead_has_named_is_missed_from_now_on(watched, alerts):
    watched.advance(timedelta(days=1))
    look_into_guards(load_settings())
    watched.advance(-timedelta(days=1))
    watch()
    watched.advance(11 * MINUTE)
    watch()
    assert len(alerts.titles) == 2


def let_be_watched(watched: SimulatedClock, hours: int) -> None:
    for _ in range(6 * hours):
        watched.advance(10 * MINUTE)
        for guard in guards_of(load_settings()):
            has_looked(*guard, alerting(load_settings().alerts))
        watch()


@pytest.mark.long
def test_one_that_returns_to_the_settings_has_its_time_from_then_on(watched, alerts, monkeypatch):
    everybody_looks()
    watch()
    with monkeypatch.context() as removed:
        removed.setattr(Settings, "shops_that_push_orders", lambda _: [])
        let_be_watched(watched, 2)
    watch()
    assert alerts.titles == [], "it has just returned"
    watched.advance(11 * MINUTE)
    watch()
    assert sorted(title.rpartition(" ")[2] for title in alerts.titles) == ["flagship", "outlet"]


def test_a_guard_that_stopped_while_no_watch_ran_alerts_at_once(watched, alerts):
    everybody_looks()
    watch()
    watched.advance(timedelta(hours=3))
    watch()
    assert sum("etl_load_monitor" in title for title in alerts.titles) > 0


def test_the_table_of_an_earlier_release_gets_what_it_lacks(watched, warehouse):
    warehouse.execute("ALTER TABLE etl_guard DROP COLUMN asked_at")
    warehouse.execute("INSERT INTO etl_guard VALUES (%s, %s, now(), now())", OUTBOX)
    for _ in range(2):
        warehouse.execute((SQL / "schema" / "warehouse" / "050_etl_guard.sql").read_bytes())
    known = looks([OUTBOX], alerting(load_settings().alerts))[OUTBOX]
    assert known.looked_at is not None, "it is nothing new"


def test_one_that_the_settings_do_not_ask_for_any_more_is_over(watched, alerts, monkeypatch):
    everybody_looks()
    watched.advance(11 * MINUTE)
    watch()
    assert len(alerts.titles) == 2
    monkeypatch.setattr(Settings, "shops_that_push_orders", lambda _: [])
    watch()
    assert [title.partition(" at ")[0] for title in alerts.titles[2:]] == ["recovered"] * 2


def test_the_watch_of_the_settings_is_a_guard_that_notes_its_look(watched):
    WatchSettingsOperator(task_id="watch_settings").execute({})
    [guard] = [each for each in guards_of(load_settings()) if each.subject == "watch of the settings"]
    assert looks([guard], alerting(load_settings().alerts))[guard].looked_at is not None


@pytest.mark.parametrize(("minutes", "alerted"), [(None, True), (1, False), (2, True)])
def test_a_failed_watch_alerts_unless_it_ran_a_moment_ago(watched, alerts, minutes, alerted):
    if minutes:
        has_looked(*OUTBOX, alerting(load_settings().alerts))
        watched.advance(minutes * MINUTE)
    task = WatchOutboxOperator(task_id="watch_outbox", shop=planned.shop("flagship"))
    told = {"task": task, "exception": RuntimeError("connection refused")}
    TaskFailureNotifier(calm=2 * MINUTE).notify(told)
    assert alerts.titles == (["cannot be asked: watch of the outbox of flagship"] if alerted else [])


def test_a_failed_watch_alerts_where_its_last_run_is_unknown(watched, alerts, monkeypatch):
    monkeypatch.setenv(
        "AIRFLOW_CONN_WAREHOUSE_POSTGRES", '{"conn_type": "postgres", "host": "127.0.0.1", "port": 1}'
    )
    task = WatchOutboxOperator(task_id="watch_outbox", shop=planned.shop("flagship"))
    TaskFailureNotifier(calm=2 * MINUTE).notify({"task": task, "exception": RuntimeError("refused")})
    assert alerts.titles == ["cannot be asked: watch of the outbox of flagship"]

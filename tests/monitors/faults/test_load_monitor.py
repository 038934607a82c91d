"""Loads that are late, stuck, or not equal at night: each is heard once, and once that it is over."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowFailException
from click.testing import CliRunner

from retail_pipeline.business_time import Window, local_time
from retail_pipeline.cli.main import retail
from retail_pipeline.databases.target_session import change
from retail_pipeline.monitors.loads.operators import WatchLoadOperator
from retail_pipeline.orchestration.sessions import open_target
from retail_pipeline.orchestration.task_failure import TaskFailureNotifier
from retail_pipeline.windows.ledger import (
    COMPLETE,
    FAILED,
    INCOMPLETE,
    MANUAL,
    RECONCILE,
    SCHEDULED,
    Certificate,
    LoadKey,
    WindowLedger,
)
from retail_pipeline.windows.quarantine import Quarantine, Rejected
from tests import planned
from tests.jushita_sys_info import runs as sys_info
from tests.wangdiantong_aftersales import runs as aftersales
from tests.wangdiantong_aftersales.runs import MONDAY_NOON, change_connection

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


class Load:
    """One load's ledger in one target, and its watch on Monday noon."""

    def __init__(self, clock, alerts, pipeline: str, account: str, conn_id: str) -> None:
        self.clock = clock
        self.pipeline = pipeline
        self.account = account
        self.conn_id = conn_id
        self._alerts = alerts

    def certify(
        self, start: int, end: int, verdict: str = COMPLETE, purpose: str = SCHEDULED, **found: Any
    ) -> None:
        """Certify a window that is given in hours from noon, at the present moment.

        :param found: what else the certificate says, else that it broke
        """
        window = Window(MONDAY_NOON + start * HOUR, MONDAY_NOON + end * HOUR)
        with open_target(self.conn_id) as session:
            ledger = WindowLedger(session)
            number = ledger.open(
                LoadKey(self.pipeline, self.account, window, purpose, "r"), self.clock.moment
            )
            error = None if found or verdict == COMPLETE else "broken"
            ledger.close(number, Certificate(verdict, **found, error=error))

    def start_watermark(self, hours: int = 0) -> None:
        with open_target(self.conn_id) as session:
            start = MONDAY_NOON + hours * HOUR
            WindowLedger(session).start_watermark(self.pipeline, self.account, start)

    def alerted(self, after: timedelta = 10 * MINUTE) -> list[str]:
        """Let a time pass and the watch look; return the titles of what is sent."""
        self.clock.advance(after)
        task = WatchLoadOperator(task_id="watch_load", load=planned.load(self.pipeline, self.conn_id))
        self._alerts.messages.clear()
        try:
            task.execute({})
        except Exception as error:
            TaskFailureNotifier().notify({"task": task, "exception": error})
            raise
        finally:
            titles = list(self._alerts.titles)
        return titles


@pytest.fixture(params=["bi_mysql", "warehouse_postgres"])
def load(request, simulated_clock, bi, warehouse, alerts, tmp_path, monkeypatch) -> Load:
    """The load of sys_info, into each of the two databases that a warehouse may be."""
    monkeypatch.setenv("RETAIL_CONFIG", str(sys_info.settings_file(tmp_path, request.param)))
    simulated_clock.set(MONDAY_NOON)
    load = Load(simulated_clock, alerts, sys_info.PIPELINE, "rds/jdp_tb_trade", request.param)
    load.start_watermark()
    return load


@pytest.fixture
def aftersales_load(simulated_clock, sandbox, bi, warehouse, alerts, tmp_path, monkeypatch) -> Load:
    monkeypatch.setenv("RETAIL_CONFIG", str(aftersales.settings_file(tmp_path)))
    simulated_clock.set(MONDAY_NOON)
    return Load(simulated_clock, alerts, aftersales.PIPELINE, "flagship", "bi_mysql")


def test_a_load_of_which_nothing_is_known_is_no_news(load):
    assert load.alerted() == []


@pytest.mark.long
def test_a_window_that_stays_incomplete_alerts_once_and_once_when_it_is_over(load):
    load.certify(-2, 0, FAILED)
    assert load.alerted(HOUR) == []
    [title] = load.alerted()
    assert title.startswith("windows are not complete after their tries")
    assert title.endswith(": windows of jushita_sys_info rds/jdp_tb_trade")
    assert load.alerted() == load.alerted() == []
    load.certify(-3, 1)
    [over] = load.alerted()
    assert over.startswith("recovered at")
    assert load.alerted() == []
    load.certify(-2, 0, INCOMPLETE)
    assert len(load.alerted(2 * HOUR)) == 1


def test_a_watermark_that_stands_still_alerts(aftersales_load):
    aftersales_load.start_watermark(-1)
    assert aftersales_load.alerted(timedelta(0)) == []
    [title] = aftersales_load.alerted(MINUTE)
    assert title.endswith(": watermark of wangdiantong_aftersales flagship")
    assert aftersales_load.alerted() == []


def test_the_lag_of_sys_info_is_left_to_its_own_monitor(load):
    assert load.alerted(20 * HOUR) == []


def test_a_load_that_was_tried_and_never_ran_by_its_schedule_alerts(aftersales_load):
    aftersales_load.certify(-2, -1, COMPLETE, MANUAL)
    assert aftersales_load.alerted(36 * HOUR) == []
    [title] = aftersales_load.alerted(MINUTE)
    assert title.endswith(": schedule of wangdiantong_aftersales flagship")
    aftersales_load.start_watermark(36)
    [over] = aftersales_load.alerted(MINUTE)
    assert over.startswith("recovered at")


def test_many_records_in_the_quarantine_alert(load):
    with open_target(load.conn_id) as session:
        for number in range(101):
            record = Rejected(b"%d" % number, str(number), "not_json", "")
            Quarantine(session).put(load.pipeline, load.account, 1, record)
    [title] = load.alerted()
    assert title.endswith(": quarantine of jushita_sys_info rds/jdp_tb_trade")
    with open_target(load.conn_id) as session:
        change(session, "UPDATE etl_quarantine SET state = 'replayed' WHERE source_key = '7'")
    assert len(load.alerted()) == 1


@pytest.mark.long
def test_a_comparison_that_could_not_mend_what_it_found_alerts(load):
    load.certify(-80, -8, INCOMPLETE, RECONCILE)
    [title] = load.alerted()
    assert title.endswith(": nightly comparison of jushita_sys_info rds/jdp_tb_trade")
    assert load.alerted() == []
    load.certify(-80, -8, COMPLETE, RECONCILE)
    assert len(load.alerted()) == 1
    [title] = load.alerted(37 * HOUR)
    assert title.startswith("no nightly comparison ran")


@pytest.mark.parametrize(
    ("counts", "told"), [({"missing": 1234}, 1234), ({"altered": 1}, 2), ({}, 2)], ids=str
)
def test_a_comparison_of_three_months_is_seen_and_its_rows_are_named(load, alerts, counts, told):
    load.certify(-90 * 24, -8, INCOMPLETE, RECONCILE, missing_keys=["2222", "2223"], rule_counts=counts)
    assert len(load.alerted()) == 1
    assert f"{told} rows lack or differ, and could not be had: 2222, 2223" in alerts.messages[0]["message"]


@pytest.mark.long
def test_a_shorter_comparison_says_nothing_of_what_a_longer_one_found(load):
    load.certify(-72, 0, INCOMPLETE, RECONCILE, missing_keys=["7"])
    assert len(load.alerted()) == 1
    load.certify(-24, 0, COMPLETE, RECONCILE)
    assert load.alerted() == []

    load.clock.advance(24 * HOUR)
    load.certify(-48, 24, COMPLETE, RECONCILE)  # the next night
    [title] = load.alerted()
    assert title.startswith("recovered")


@pytest.mark.long
def test_a_comparison_that_never_ran_alerts(load):
    load.certify(-1, 0)
    assert load.alerted(36 * HOUR) == []
    [title] = load.alerted(MINUTE)
    assert title.startswith("no nightly comparison ran")
    load.certify(-80, 0, COMPLETE, RECONCILE)
    assert len(load.alerted()) == 1
    [title] = load.alerted(40 * 24 * HOUR)
    assert title.startswith("no nightly comparison ran")


def test_a_target_that_cannot_be_asked_alerts_once(aftersales_load, monkeypatch):
    with monkeypatch.context() as broken:
        change_connection(broken, "bi_mysql", password="wrong-secret")
        for titles in (1, 0):
            with pytest.raises(AirflowFailException):
                aftersales_load.alerted()
            assert len(aftersales_load._alerts.titles) == titles
    assert len(aftersales_load.alerted()) == 1


@pytest.mark.long
def test_the_command_tells_and_sends_the_same(load, alerts, monkeypatch):
    load.certify(-2, 0, FAILED)
    load.clock.advance(2 * HOUR)
    told = CliRunner().invoke(retail, ["deadlines", "check"])
    assert told.exit_code == 1
    assert "windows are not complete after their tries" in told.output
    mine = [title for title in alerts.titles if "windows of" in title]
    assert mine == []
    CliRunner().invoke(retail, ["deadlines", "check", "--alert"])
    assert len([title for title in alerts.titles if "windows of" in title]) == 1
    assert load.alerted() == []


@pytest.mark.long
def test_a_hole_before_which_the_watermark_stands_is_not_over_after_a_week(aftersales_load):
    """So long as nothing has loaded it, however old it is."""
    aftersales_load.start_watermark(-2)
    aftersales_load.certify(-2, -1, FAILED)
    titles = aftersales_load.alerted(HOUR + MINUTE)
    assert len(titles) == 2
    assert aftersales_load.alerted(6 * 24 * HOUR) == aftersales_load.alerted(9 * 24 * HOUR) == []
    aftersales_load.certify(-2, -1)
    [over] = aftersales_load.alerted()
    assert over.endswith(": windows of wangdiantong_aftersales flagship")


def test_only_what_ended_lately_is_looked_at(load):
    load.certify(-7 * 24 - 2, -7 * 24 - 1, FAILED)
    load.certify(-7 * 24 - 2, -7 * 24 + 3, FAILED)
    assert len(load.alerted(HOUR + MINUTE)) == 1
    assert local_time(load.clock.moment) > local_time(MONDAY_NOON)

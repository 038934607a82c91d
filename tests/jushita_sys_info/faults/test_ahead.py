"""A load that lags brings what is urgent first, and an RDS that cannot be asked holds up no other."""

from __future__ import annotations

import json
import os
from datetime import timedelta
from typing import Any

import pytest

from retail_pipeline.errors import DatabaseUnavailable
from retail_pipeline.tables.stage import Stage
from tests.jushita_sys_info.faults.promises import adds_up, hold, local
from tests.jushita_sys_info.runs import MONDAY_NOON, TRADE, Row, SysInfoRuns, differences, settings_file
from tests.windows.sudden_death import Died

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
PAID = "WAIT_SELLER_SEND_GOODS"
AHEAD = {"ahead": [{"name": "paid", "statuses": [PAID]}]}


@pytest.fixture
def lagging(either_target: SysInfoRuns, tmp_path: Any) -> SysInfoRuns:
    """A morning is to be loaded, paid trades first."""
    target = "bi_mysql" if hasattr(either_target.target, "thread_id") else "warehouse_postgres"
    settings_file(tmp_path, target, AHEAD)
    either_target.fill(250, MONDAY_NOON - 10 * HOUR, MONDAY_NOON - HOUR)
    return either_target


def with_rows(runs: SysInfoRuns, filters: str) -> list[Row]:
    return [row for row in runs.certificates() if row["filters"] == filters and row["source_keys"]]


def paid(runs: SysInfoRuns) -> set[int]:
    """Return the trades in sys_info that are paid."""
    with runs.owner.cursor() as cursor:
        cursor.execute("SELECT tid FROM jdp_tb_trade WHERE status = %s", [PAID])
        found = {tid for (tid,) in cursor.fetchall()}
    runs.owner.commit()
    return found


def there(runs: SysInfoRuns) -> set[int]:
    return {row["tid"] for row in runs.rows("SELECT tid FROM taobao_trade")}


def dying_at(monkeypatch: pytest.MonkeyPatch, certificate: int) -> None:
    """Let the load die when it publishes under so high a number."""
    publish = Stage.publish

    def dying(stage: Stage, number: int, *first: Any) -> Any:
        if number >= certificate:
            raise Died
        return publish(stage, number, *first)

    monkeypatch.setattr(Stage, "publish", dying)


def parts(runs: SysInfoRuns) -> tuple[Row, Row]:
    """Load the days before, which are empty; return this morning's part and its run."""
    context = runs.context()
    *before, part = runs.plan(TRADE, context)
    for each in before:
        runs.load(each, context)
    return part, context


def test_paid_trades_are_there_before_any_other(lagging, monkeypatch):
    part, context = parts(lagging)
    assert 10 < len(paid(lagging)) < 100
    last_of_ahead = lagging.certificates()[-1]["id"] + 1
    with monkeypatch.context() as patch:
        dying_at(patch, last_of_ahead + 1)
        with pytest.raises(Died):
            lagging.load(part, context)
    assert there(lagging) == paid(lagging)
    [ahead] = with_rows(lagging, "ahead=paid")
    assert (ahead["id"], ahead["source_keys"], ahead["verdict"]) == (
        last_of_ahead,
        len(paid(lagging)),
        "complete",
    )
    assert lagging.watermark() < MONDAY_NOON - 10 * HOUR

    lagging.load(part, context)

    assert len(with_rows(lagging, "ahead=paid")) == 1  # it is not read again
    assert sum(row["source_keys"] for row in with_rows(lagging, "")) == 250
    assert all(adds_up(row) for row in lagging.certificates())
    assert differences(lagging, [TRADE]) == []
    hold(lagging)


@pytest.mark.long
def test_the_watermark_moves_neither_for_what_went_ahead_nor_for_a_window_by_hand(lagging, monkeypatch):
    part, context = parts(lagging)
    lagging.run(run_type="manual", window_from="2026-11-22 23:00:00", window_to="2026-11-23 12:00:00")
    ahead = lagging.certificates()[-1]["id"] + 1
    with monkeypatch.context() as patch:
        dying_at(patch, ahead + 2)
        with pytest.raises(Died):
            lagging.load(part, context)

    [first] = [row for row in with_rows(lagging, "") if row["purpose"] == "scheduled"]
    assert lagging.watermark() == local(first["window_to"]) < MONDAY_NOON - 4 * HOUR


@pytest.mark.long
def test_a_load_that_keeps_up_does_not_read_twice(lagging):
    lagging.run()
    before = len(with_rows(lagging, "ahead=paid"))
    lagging.clock.advance(5 * MINUTE)
    lagging.write("UPDATE jdp_tb_trade SET jdp_modified = '2026-11-23 12:02:00' LIMIT 20")

    lagging.run()

    assert len(with_rows(lagging, "ahead=paid")) == before
    assert differences(lagging, [TRADE]) == []


@pytest.mark.long
def test_a_window_by_hand_has_no_hurry(lagging):
    lagging.run(run_type="manual", window_from="2026-11-23 00:00:00", window_to="2026-11-23 12:00:00")
    assert with_rows(lagging, "ahead=paid") == []
    assert len(there(lagging)) == 250


@pytest.mark.long
def test_a_window_that_others_have_completed_since_is_left_alone(lagging):
    context = lagging.context()
    planned = lagging.plan(TRADE, context)
    lagging.run()
    before = lagging.certificates()

    told = [lagging.load(part, context) for part in planned]

    assert {each["windows"] for each in told} == {0}
    assert lagging.certificates() == before


def of_two_sellers(runs: SysInfoRuns) -> list[tuple[str, int]]:
    with runs.owner.cursor() as cursor:
        cursor.execute("SELECT seller_nick, COUNT(*) FROM jdp_tb_trade GROUP BY seller_nick LIMIT 2")
        found = list(cursor.fetchall())
    runs.owner.commit()
    return found


@pytest.mark.long
def test_an_instance_that_cannot_be_asked_does_not_stop_the_other(sys_info, tmp_path, monkeypatch):
    sys_info.fill(90, MONDAY_NOON - 3 * HOUR, MONDAY_NOON - HOUR)
    (first, its_trades), (second, others_trades) = of_two_sellers(sys_info)
    good = json.loads(os.environ["AIRFLOW_CONN_JUSHITA_MYSQL"])
    monkeypatch.setenv("AIRFLOW_CONN_JUSHITA_OTHER", json.dumps({**good, "port": 1}))
    about = {"load_from": "2026-11-22"}
    one = {"name": "rds", "conn_id": "jushita_mysql", "sellers": [second], **about}
    other = {"name": "other", "conn_id": "jushita_other", "sellers": [first], **about}
    settings_file(tmp_path, jushita={"instances": [other, one]})
    context = sys_info.context()

    *planned, unplanned = sys_info.plan(TRADE, context)
    with pytest.raises(DatabaseUnavailable, match=r"connection 'jushita_other': \[2003\]"):
        sys_info.load(unplanned, context)
    loaded = [sys_info.load(part, context) for part in planned]

    assert (unplanned["instance"]["name"], "window_from" in unplanned) == ("other", False)
    assert {part["instance"]["name"] for part in planned} == {"rds"}
    assert sum(told["source_keys"] for told in loaded) == others_trades
    monkeypatch.setenv("AIRFLOW_CONN_JUSHITA_OTHER", json.dumps(good))
    assert sys_info.load(unplanned, context)["source_keys"] == its_trades
    found = sys_info.rows("SELECT DISTINCT seller_nick, instance FROM taobao_trade")
    assert {(row["seller_nick"], row["instance"]) for row in found} == {(first, "other"), (second, "rds")}
    assert {row["account"] for row in sys_info.rows("SELECT account FROM etl_watermark")} == {
        "rds/jdp_tb_trade",
        "other/jdp_tb_trade",
    }

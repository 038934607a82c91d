"""An RDS that is not what it was: emptied, exchanged, with a clock that was ahead, or left by its sellers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import yaml
from airflow.sdk.exceptions import AirflowFailException

from retail_pipeline.databases.target_session import change, dialect
from retail_pipeline.monitors.loads.watch import look_into, watched_loads
from retail_pipeline.pipelines.jushita_sys_info.operators import SysInfoToWarehouseOperator
from retail_pipeline.pipelines.jushita_sys_info.reconcile_operators import ReconcileSysInfoOperator
from retail_pipeline.settings.file import load_settings
from retail_pipeline.vendors.taobao.sys_info import SysInfoTable
from tests import planned
from tests.jushita_sys_info.faults.feed_changes import push, push_new, trades
from tests.jushita_sys_info.faults.test_reconcile import reconcile
from tests.jushita_sys_info.runs import MONDAY_NOON, TRADE, SysInfoRuns, differences

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
AWAY = "jdp_tb_trade_away"


@pytest.mark.long
@pytest.mark.parametrize("emptied", [False, True], ids=["not there", "empty"])
def test_a_table_whose_rows_are_gone_at_once_is_not_certified(either_target, emptied):
    """As by a grant that is revoked, a schema that is mistyped, a fail-over to an empty instance."""
    either_target.fill(30, MONDAY_NOON - 3 * HOUR, MONDAY_NOON - HOUR)
    either_target.run()
    reached = either_target.watermark()
    either_target.write(f"RENAME TABLE {TRADE} TO {AWAY}")
    try:
        if emptied:
            either_target.write(f"CREATE TABLE {TRADE} LIKE {AWAY}")
        either_target.clock.advance(10 * MINUTE)
        for load in (either_target.run, lambda: reconcile(either_target)):
            with pytest.raises(AirflowFailException, match=f"no rows of {TRADE} any more.*schema, login"):
                load()
        assert either_target.certificates()[-1]["verdict"] == "failed"
        assert either_target.watermark() == reached
    finally:
        if emptied:
            either_target.write(f"DROP TABLE {TRADE}")
        either_target.write(f"RENAME TABLE {AWAY} TO {TRADE}")

    push_new(either_target, MONDAY_NOON + 5 * MINUTE)
    either_target.clock.advance(10 * MINUTE)
    either_target.run()
    assert differences(either_target, [TRADE]) == []


@pytest.mark.long
def test_a_table_that_retention_has_emptied_is_empty(either_target):
    either_target.fill(5, MONDAY_NOON - 3 * HOUR, MONDAY_NOON - HOUR)
    either_target.run()
    either_target.write(f"DELETE FROM {TRADE}")

    either_target.clock.advance(timedelta(days=8))
    either_target.run()

    assert either_target.certificates()[-1]["verdict"] == "complete"


def test_a_table_that_is_there_twice_is_named(sys_info):
    sys_info.fill(5, MONDAY_NOON - 3 * HOUR, MONDAY_NOON - HOUR)
    sys_info.write("CREATE TABLE JDP_TB_TRADE LIKE jdp_tb_trade")
    try:
        with pytest.raises(
            AirflowFailException, match=r"(?i)sys_info has jdp_tb_trade and jdp_tb_trade: which"
        ):
            sys_info.run()
    finally:
        sys_info.write("DROP TABLE JDP_TB_TRADE")


@pytest.mark.long
def test_a_source_whose_clock_was_ahead_lets_nobody_read_ahead(either_target, monkeypatch):
    either_target.fill(30, MONDAY_NOON - 3 * HOUR, MONDAY_NOON - HOUR)
    with monkeypatch.context() as patch:
        patch.setattr(SysInfoTable, "now", lambda _: either_target.clock.moment + 8 * HOUR)
        either_target.run()
    push_new(either_target, MONDAY_NOON + 2 * MINUTE)
    for _ in range(2):
        either_target.clock.advance(15 * MINUTE)
        either_target.run()

    assert differences(either_target, [TRADE]) == []
    assert either_target.watermark() == MONDAY_NOON + 30 * MINUTE - timedelta(seconds=15)


@pytest.mark.long
def test_a_watermark_in_the_future_alerts_and_delays_nothing(either_target):
    """An earlier version of the product has moved it there."""
    either_target.fill(30, MONDAY_NOON - 3 * HOUR, MONDAY_NOON - HOUR)
    either_target.run()
    ahead = "2026-11-23 20:00:00" + ("+08" if dialect(either_target.target) == "postgres" else "")
    change(either_target.target, f"UPDATE etl_watermark SET watermark = '{ahead}'")
    change(either_target.target, f"UPDATE etl_window SET window_to = '{ahead}' WHERE purpose = 'scheduled'")
    for minutes in range(5, 65, 15):
        push_new(either_target, MONDAY_NOON + minutes * MINUTE, seed=minutes)
    either_target.clock.advance(70 * MINUTE)

    either_target.run()

    assert differences(either_target, [TRADE]) == []
    settings = load_settings()
    found = [each for load in watched_loads(settings) for each in look_into(load, settings) if each.kind]
    assert [each.what for each in found if TRADE in each.subject and "clock" in each.subject] == [
        "the watermark lies in the future (水位在未来)"
    ]


class TwoInstances:
    """An RDS, and the one to which a seller is moved: one server plays both, in turn."""

    def __init__(self, runs: SysInfoRuns, path: Any) -> None:
        self._runs = runs
        content = yaml.safe_load(path.read_text())
        [instance] = content["jushita"]["instances"]
        content["jushita"]["instances"] = [instance, {**instance, "name": "old"}]
        path.write_text(yaml.safe_dump(content, allow_unicode=True))

    def load(self, instance: str) -> None:
        context = self._runs.context()
        for part in self._runs.plan(TRADE, context):
            if part["instance"]["name"] == instance:
                SysInfoToWarehouseOperator(task_id="load", chunk=part).execute(context)

    def night(self, instance: str) -> Any:
        params = {"days": None, "table": None, "keys": None}
        context = {**self._runs.context("scheduled"), "params": params}
        return ReconcileSysInfoOperator(
            task_id="r", table=TRADE, instance=planned.instance(instance)
        ).execute(context)


@pytest.mark.long
def test_the_night_of_an_rds_that_a_seller_has_left_leaves_his_rows_to_the_other_one(either_target, tmp_path):
    instances = TwoInstances(either_target, tmp_path / "retail.yaml")
    either_target.fill(10, MONDAY_NOON - 3 * HOUR, MONDAY_NOON - HOUR)
    instances.load("old")
    tid = trades(either_target)[0]
    with either_target.owner.cursor() as cursor:
        columns = "jdp_response, jdp_hashcode, CAST(jdp_modified AS CHAR)"
        cursor.execute(f"SELECT {columns} FROM {TRADE} WHERE tid = %s", [tid])
        [as_it_was] = cursor.fetchall()
    either_target.owner.commit()
    either_target.clock.advance(20 * MINUTE)
    push(either_target, tid, at=MONDAY_NOON + 5 * MINUTE, payment="4321.00")
    instances.load("rds")
    changes = "jdp_response = %s, jdp_hashcode = %s, jdp_modified = %s"
    either_target.write(f"UPDATE {TRADE} SET {changes} WHERE tid = %s", *as_it_was, tid)

    told = instances.night("old")

    [row] = either_target.rows(f"SELECT payment, instance FROM taobao_trade WHERE tid = {tid}")
    assert (str(row["payment"]).rstrip("0"), row["instance"]) == ("4321.", "rds")
    assert (told["pulled_again"], told["elsewhere"]) == (0, 10)
    assert either_target.certificates()[-1]["verdict"] == "complete"

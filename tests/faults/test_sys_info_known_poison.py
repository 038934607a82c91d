"""Rows that are asked for by their keys lack or are new: of them all may be poison, and that stops nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowFailException

from retail_pipeline.databases.target_session import change, dialect
from tests.faults.sys_info_pushes import push, trades
from tests.faults.test_sys_info_reconcile import lose, purposes, reconcile
from tests.faults.test_sys_info_without_time import take_time
from tests.sys_info import MONDAY_NOON, TRADE, SysInfoRuns, settings_file

HOUR = timedelta(hours=1)
RULE = "ALTER TABLE taobao_trade ADD CONSTRAINT no_bad_memo CHECK (trade_memo <> 'bad')"


def spoil(runs: SysInfoRuns, *tids: int) -> None:
    for tid in tids:
        runs.write("UPDATE jdp_tb_trade SET jdp_response = '{' WHERE tid = %s", tid)


def allow(runs: SysInfoRuns, tmp_path: Any, **settings: Any) -> None:
    target = "bi_mysql" if dialect(runs.target) == "mysql" else "warehouse_postgres"
    settings_file(tmp_path, target, **settings)


def test_what_lacks_beside_known_poison_is_pulled_and_later_chunks_are_compared(
    each_target, tmp_path, monkeypatch
):
    """Of 200 rows the load tolerates six; of the 94 that lack beside them they are more than a share of 5 %."""
    monkeypatch.setattr("retail_pipeline.pipelines.jushita_sys_info.reconcile.CHUNK_ROWS", 120)
    each_target.fill(200, MONDAY_NOON - 2 * HOUR, MONDAY_NOON - HOUR)
    tids = trades(each_target)
    poison, lost, later = tids[:6], tids[6:100], tids[190]
    spoil(each_target, *poison)
    allow(each_target, tmp_path, slice_rows=1000)
    each_target.run()
    lose(each_target, *lost, later)

    told = reconcile(each_target)

    assert (told["pulled_again"], told["quarantined"], told["same"]) == (95, 6, 194)
    assert [row["verdict"] for row in purposes(each_target, "reconcile")] == ["complete"]


def test_rows_without_any_time_stop_no_comparison_however_many_they_are(each_target, tmp_path):
    each_target.fill(40, MONDAY_NOON - 3 * HOUR, MONDAY_NOON - 2 * HOUR)
    tids = trades(each_target)
    timeless, with_time = tids[:4], tids[4]
    spoil(each_target, *timeless)
    take_time(each_target, "NULL", *timeless, with_time)
    allow(each_target, tmp_path, most_quarantined=3)
    each_target.run()

    told = reconcile(each_target)

    assert (told["without_time"], told["pulled_again"], told["quarantined"], told["same"]) == (5, 1, 4, 36)
    assert {row["source_key"] for row in each_target.quarantine()} == {str(tid) for tid in timeless}


def test_nor_do_rows_that_only_the_database_refuses(each_target, tmp_path):
    """Without a shop's rule they were loaded; with it none of them can be pulled again, and the good one can."""
    each_target.fill(40, MONDAY_NOON - 3 * HOUR, MONDAY_NOON - 2 * HOUR)
    *bad, good = trades(each_target)[:5]
    each_target.run()
    for tid in bad:
        push(each_target, tid, trade_memo="bad")
    lose(each_target, *bad, good)
    change(each_target.target, RULE)
    allow(each_target, tmp_path, most_quarantined=3)

    told = reconcile(each_target)

    assert (told["pulled_again"], told["quarantined"], told["same"]) == (1, 4, 36)
    assert {row["reason"] for row in each_target.quarantine()} == {"refused_by_database"}


def test_rows_that_a_person_asks_for_are_loaded_but_for_those_that_cannot_be(each_target, tmp_path):
    each_target.fill(10, MONDAY_NOON - 3 * HOUR, MONDAY_NOON - 2 * HOUR)
    *poison, good = trades(each_target)[:3]
    spoil(each_target, *poison)
    allow(each_target, tmp_path, most_quarantined=0)

    with pytest.raises(AirflowFailException, match="of 3 rows 2 cannot be used"):
        reconcile(each_target, table=TRADE, keys=f"{poison[0]} {good} {poison[1]}")

    assert [row["tid"] for row in each_target.rows("SELECT tid FROM taobao_trade")] == [good]
    assert len(each_target.quarantine()) == 2

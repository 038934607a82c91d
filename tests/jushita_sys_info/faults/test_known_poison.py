"""Rows that are asked for by their keys lack or are new: of them all may be poison, and that stops nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowFailException

from retail_pipeline.databases.target_session import change, dialect
from tests.jushita_sys_info.faults.feed_changes import push, trades
from tests.jushita_sys_info.faults.test_reconcile import lose, purposes, reconcile
from tests.jushita_sys_info.faults.test_without_time import take_time
from tests.jushita_sys_info.runs import MONDAY_NOON, TRADE, SysInfoRuns, settings_file

HOUR = timedelta(hours=1)
RULE = "ALTER TABLE taobao_trade ADD CONSTRAINT no_bad_memo CHECK (trade_memo <> 'bad')"


def spoil(runs: SysInfoRuns, *tids: int) -> None:
    for tid in tids:
        runs.write("UPDATE jdp_tb_trade SET jdp_response = '{' WHERE tid = %s", tid)


def allow(runs: SysInfoRuns, tmp_path: Any, **settings: Any) -> None:
    target = "bi_mysql" if dialect(runs.target) == "mysql" else "warehouse_postgres"
    settings_file(tmp_path, target, **settings)


@pytest.mark.long
def test_what_lacks_beside_known_poison_is_pulled_and_later_chunks_are_compared(
    either_target, tmp_path, monkeypatch
):
    """Of 200 rows the load tolerates six; of the 94 that lack beside them they are more than a share of 5 %."""
    monkeypatch.setattr("retail_pipeline.pipelines.jushita_sys_info.reconcile.CHUNK_ROWS", 120)
    either_target.fill(200, MONDAY_NOON - 2 * HOUR, MONDAY_NOON - HOUR)
    tids = trades(either_target)
    poison, lost, later = tids[:6], tids[6:100], tids[190]
    spoil(either_target, *poison)
    allow(either_target, tmp_path, chunk_rows=1000)
    either_target.run()
    lose(either_target, *lost, later)

    told = reconcile(either_target)

    assert (told["pulled_again"], told["quarantined"], told["same"]) == (95, 6, 194)
    assert [row["verdict"] for row in purposes(either_target, "reconcile")] == ["complete"]


@pytest.mark.long
def test_rows_without_any_time_stop_no_comparison_however_many_they_are(either_target, tmp_path):
    either_target.fill(40, MONDAY_NOON - 3 * HOUR, MONDAY_NOON - 2 * HOUR)
    tids = trades(either_target)
    timeless, with_time = tids[:4], tids[4]
    spoil(either_target, *timeless)
    take_time(either_target, "NULL", *timeless, with_time)
    allow(either_target, tmp_path, max_quarantined=3)
    either_target.run()

    told = reconcile(either_target)

    assert (told["without_time"], told["pulled_again"], told["quarantined"], told["same"]) == (5, 1, 4, 36)
    assert {row["source_key"] for row in either_target.quarantine()} == {str(tid) for tid in timeless}


@pytest.mark.long
def test_nor_do_rows_that_only_the_database_refuses(either_target, tmp_path):
    """Without a shop's rule they were loaded; with it none of them can be pulled again, and the good one can."""
    either_target.fill(40, MONDAY_NOON - 3 * HOUR, MONDAY_NOON - 2 * HOUR)
    *bad, good = trades(either_target)[:5]
    either_target.run()
    for tid in bad:
        push(either_target, tid, trade_memo="bad")
    lose(either_target, *bad, good)
    change(either_target.target, RULE)
    allow(either_target, tmp_path, max_quarantined=3)

    told = reconcile(either_target)

    assert (told["pulled_again"], told["quarantined"], told["same"]) == (1, 4, 36)
    assert {row["reason"] for row in either_target.quarantine()} == {"refused_by_database"}


def test_rows_that_a_person_asks_for_are_loaded_but_for_those_that_cannot_be(either_target, tmp_path):
    either_target.fill(10, MONDAY_NOON - 3 * HOUR, MONDAY_NOON - 2 * HOUR)
    *poison, good = trades(either_target)[:3]
    spoil(either_target, *poison)
    allow(either_target, tmp_path, max_quarantined=0)

    with pytest.raises(AirflowFailException, match="of 3 rows 2 cannot be used"):
        reconcile(either_target, table=TRADE, keys=f"{poison[0]} {good} {poison[1]}")

    assert [row["tid"] for row in either_target.rows("SELECT tid FROM taobao_trade")] == [good]
    assert len(either_target.quarantine()) == 2

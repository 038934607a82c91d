"""The nightly comparison: it finds what lacks, pulls just that again, and says so."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from retail_pipeline.errors import CheckFailed, WindowIncomplete
from retail_pipeline.taobao.tables import PUSHED
from retail_pipeline.target_session import change
from retail_pipeline.transfers.sys_info_reconcile_operator import ReconcileSysInfoOperator
from tests.sys_info import MONDAY_NOON, TRADE, SysInfoRuns, differences

HOUR = timedelta(hours=1)


def reconcile(runs: SysInfoRuns, table: str = TRADE, **params: Any) -> dict[str, Any]:
    context = runs.context("scheduled", **{"days": None, "table": None, "keys": None, **params})
    operator = ReconcileSysInfoOperator(task_id=f"reconcile_{table}", table=table, instance="rds")
    return operator.execute(context)


def some_trades(runs: SysInfoRuns, count: int) -> list[int]:
    return [row["tid"] for row in runs.rows(f"SELECT tid FROM taobao_trade ORDER BY tid LIMIT {count}")]


def lose(runs: SysInfoRuns, *keys: int) -> None:
    """Take rows out of the warehouse."""
    for key in keys:
        change(runs.target, f"DELETE FROM taobao_trade WHERE tid = {key}")


def purposes(runs: SysInfoRuns, purpose: str) -> list[dict[str, Any]]:
    return [row for row in runs.certificates() if row["purpose"] == purpose]


@pytest.fixture
def loaded(sys_info):
    """All of ten hours is loaded."""
    sys_info.fill(300, MONDAY_NOON - 10 * HOUR, MONDAY_NOON - HOUR)
    sys_info.run_all()
    return sys_info


def test_where_both_sides_are_the_same_nothing_is_pulled(loaded):
    for table in PUSHED:
        told = reconcile(loaded, table)
        assert told["same"] == told["source_keys"] > 0
        assert told["pulled_again"] == told["only_here"] == told["newer"] == 0

    certificates = purposes(loaded, "reconcile")
    assert len(certificates) == len(PUSHED)
    assert {row["verdict"] for row in certificates} == {"complete"}
    assert all(row["source_checksum"] == row["target_checksum"] for row in certificates)
    assert purposes(loaded, "repair") == []


def test_what_was_lost_or_is_old_is_pulled_again(loaded):
    lost, *others = some_trades(loaded, 3)
    old, of_another_change = others
    lose(loaded, lost)
    change(
        loaded.target, f"UPDATE taobao_trade SET jdp_modified = jdp_modified - interval '1 hour' WHERE tid = {old}"
    )
    change(loaded.target, f"UPDATE taobao_trade SET jdp_hashcode = 'x' WHERE tid = {of_another_change}")

    told = reconcile(loaded)

    assert (told["pulled_again"], told["from_platform"], told["quarantined"]) == (3, 0, 0)
    assert told["same"] == told["source_keys"]
    assert differences(loaded) == []
    [repair] = purposes(loaded, "repair")
    assert (repair["source_keys"], repair["filters"]) == (3, "keys")
    assert [row["passes"] for row in purposes(loaded, "reconcile")] == [2]


def test_a_table_that_was_emptied_is_filled_again_a_slice_at_a_time(loaded):
    change(loaded.target, "DELETE FROM taobao_trade")
    change(loaded.target, "DELETE FROM taobao_order")
    change(loaded.target, "DELETE FROM taobao_promotion")

    told = reconcile(loaded)

    assert told["pulled_again"] == told["source_keys"]
    assert [row["source_keys"] for row in purposes(loaded, "repair")][0] == 100
    assert differences(loaded) == []


def test_what_the_source_removed_meanwhile_comes_from_the_platform(loaded, monkeypatch):
    [lost] = some_trades(loaded, 1)
    lose(loaded, lost)
    remove_before_rows_are_read(loaded, monkeypatch, lost)

    told = reconcile(loaded)

    assert (told["pulled_again"], told["from_platform"]) == (1, 1)
    [row] = loaded.rows(f"SELECT jdp_modified, modified, jdp_hashcode FROM taobao_trade WHERE tid = {lost}")
    assert (row["jdp_modified"], row["jdp_hashcode"]) == (row["modified"], None)
    assert len(loaded.rows(f"SELECT oid FROM taobao_order WHERE tid = {lost}")) > 0


def remove_before_rows_are_read(runs: SysInfoRuns, monkeypatch: pytest.MonkeyPatch, key: int) -> None:
    """Let retention work between the listing and the reading."""
    from retail_pipeline.taobao.sys_info import SysInfoTable

    by_keys = SysInfoTable.by_keys

    def removed_first(table: SysInfoTable, keys: Any) -> Any:
        runs.write("DELETE FROM jdp_tb_trade WHERE tid = %s", key)
        return by_keys(table, keys)

    monkeypatch.setattr(SysInfoTable, "by_keys", removed_first)


def test_a_row_that_retention_removed_is_no_difference_and_stays(loaded):
    gone, *_ = some_trades(loaded, 1)
    loaded.write("DELETE FROM jdp_tb_trade WHERE tid = %s", gone)

    told = reconcile(loaded)

    assert told["pulled_again"] == 0
    assert told["only_here"] in (0, 1)  # 0 where it was the oldest one: the comparison begins behind it then
    assert gone in some_trades(loaded, 1)


def test_a_row_that_nobody_has_is_named_and_the_next_run_asks_again(loaded, monkeypatch, sandbox):
    [lost] = some_trades(loaded, 1)
    lose(loaded, lost)
    sandbox.taobao_put(TRADE, lost, None)
    with monkeypatch.context() as patch:
        keep_listing(patch)
        remove_before_rows_are_read(loaded, patch, lost)
        with pytest.raises(WindowIncomplete, match=str(lost)):
            reconcile(loaded)

    [certificate] = purposes(loaded, "reconcile")
    assert (certificate["verdict"], certificate["missing_keys"]) == ("incomplete", [str(lost)])

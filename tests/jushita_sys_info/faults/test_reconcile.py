"""The nightly comparison: it finds what lacks, pulls just that again, and says so."""

from __future__ import annotations

import json
import os
from datetime import timedelta
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from retail_pipeline.databases.target_session import change
from retail_pipeline.errors import WindowIncomplete
from retail_pipeline.pipelines.jushita_sys_info import reconcile as sys_info_reconcile
from retail_pipeline.pipelines.jushita_sys_info.reconcile_operators import ReconcileSysInfoOperator
from retail_pipeline.vendors.taobao.sys_info import SysInfoTable
from retail_pipeline.vendors.taobao.tables import FEED_TABLES
from tests import planned
from tests.jushita_sys_info.faults.feed_changes import trades
from tests.jushita_sys_info.runs import MONDAY_NOON, TRADE, SysInfoRuns, differences, settings_file

HOUR = timedelta(hours=1)


def reconcile(runs: SysInfoRuns, of: str = TRADE, **params: Any) -> dict[str, Any]:
    params = {"days": None, "table": None, "keys": None, **params}
    context = {**runs.context("scheduled"), "params": params}
    operator = ReconcileSysInfoOperator(task_id=f"reconcile_{of}", table=of, instance=planned.instance())
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
    """All trades of ten hours are loaded."""
    sys_info.fill(300, MONDAY_NOON - 10 * HOUR, MONDAY_NOON - HOUR)
    sys_info.run()
    return sys_info


@pytest.mark.long
def test_where_both_sides_are_the_same_nothing_is_pulled(loaded):
    loaded.run_all()
    for table in FEED_TABLES:
        told = reconcile(loaded, table)
        assert told["same"] == told["source_keys"] > 0
        assert told["pulled_again"] == told["only_here"] == told["newer"] == 0

    certificates = purposes(loaded, "reconcile")
    assert len(certificates) == len(FEED_TABLES)
    assert {row["verdict"] for row in certificates} == {"complete"}
    assert all(row["source_checksum"] == row["target_checksum"] for row in certificates)
    assert purposes(loaded, "repair") == []


@pytest.mark.long
def test_what_was_lost_or_is_old_is_pulled_again(loaded):
    lost, *others = some_trades(loaded, 3)
    old, of_another_change = others
    lose(loaded, lost)
    change(
        loaded.target,
        f"UPDATE taobao_trade SET jdp_modified = jdp_modified - interval '1 hour' WHERE tid = {old}",
    )
    change(loaded.target, f"UPDATE taobao_trade SET jdp_hashcode = 'x' WHERE tid = {of_another_change}")

    told = reconcile(loaded)

    assert (told["pulled_again"], told["from_platform"], told["quarantined"]) == (3, 0, 0)
    assert told["same"] == told["source_keys"]
    assert differences(loaded, [TRADE]) == []
    [repair] = purposes(loaded, "repair")
    assert (repair["source_keys"], repair["filters"]) == (3, "keys")
    assert [row["passes"] for row in purposes(loaded, "reconcile")] == [2]


@pytest.mark.long
def test_a_table_that_was_emptied_is_filled_again_a_chunk_at_a_time(loaded):
    change(loaded.target, "DELETE FROM taobao_trade")
    change(loaded.target, "DELETE FROM taobao_order")
    change(loaded.target, "DELETE FROM taobao_promotion")

    told = reconcile(loaded)

    assert told["pulled_again"] == told["source_keys"]
    assert purposes(loaded, "repair")[0]["source_keys"] == 100
    assert differences(loaded, [TRADE]) == []


def trade_of(runs: SysInfoRuns, seller: str) -> int:
    return runs.rows(f"SELECT tid FROM taobao_trade WHERE seller_nick = '{seller}' ORDER BY tid LIMIT 1")[0][
        "tid"
    ]


@pytest.mark.long
def test_rows_that_the_source_removed_are_fetched_from_the_platform_by_another_sellers_session(
    loaded, sandbox, monkeypatch, tmp_path
):
    sessions = sandbox.credentials("taobao")["sessions"]
    seller, session = list(sessions.items())[1]
    connection = json.loads(os.environ["AIRFLOW_CONN_TAOBAO_DEFAULT"])
    connection["extra"] = {**connection["extra"], "session": session}
    monkeypatch.setenv("AIRFLOW_CONN_TAOBAO_OTHER", json.dumps(connection))
    other = settings_file(tmp_path, jushita={"seller_conn_ids": ["taobao_other"]})
    monkeypatch.setenv("RETAIL_CONFIG", str(other))
    lost = trade_of(loaded, seller)
    lose(loaded, lost)
    remove_before_rows_are_read(loaded, monkeypatch, lost)

    told = reconcile(loaded)

    assert (told["pulled_again"], told["from_platform"]) == (1, 1)
    [row] = loaded.rows(f"SELECT jdp_modified, modified, jdp_hashcode FROM taobao_trade WHERE tid = {lost}")
    assert (row["jdp_modified"], row["jdp_hashcode"]) == (row["modified"], None)
    assert len(loaded.rows(f"SELECT oid FROM taobao_order WHERE tid = {lost}")) > 0


def remove_before_rows_are_read(runs: SysInfoRuns, monkeypatch: pytest.MonkeyPatch, key: int) -> None:
    """Let retention work between the listing and the reading."""
    by_keys = SysInfoTable.by_keys

    def removed_first(table: SysInfoTable, keys: Any) -> Any:
        runs.write("DELETE FROM jdp_tb_trade WHERE tid = %s", key)
        return by_keys(table, keys)

    monkeypatch.setattr(SysInfoTable, "by_keys", removed_first)


@pytest.mark.long
def test_a_row_that_retention_removed_is_no_difference_and_stays(loaded):
    gone, *_ = some_trades(loaded, 1)
    loaded.write("DELETE FROM jdp_tb_trade WHERE tid = %s", gone)

    told = reconcile(loaded)

    assert told["pulled_again"] == 0
    assert told["only_here"] in (0, 1)  # 0 where it was the oldest one: the comparison begins behind it then
    assert gone in some_trades(loaded, 1)


@pytest.mark.long
def test_a_row_that_nobody_has_is_named(loaded, monkeypatch, sandbox):
    [lost] = some_trades(loaded, 1)
    lose(loaded, lost)
    sandbox.tell("taobao_put", records=[{"table": TRADE, "id": lost, "response": None}])
    remove_before_rows_are_read(loaded, monkeypatch, lost)

    with pytest.raises(WindowIncomplete, match=str(lost)):
        reconcile(loaded)

    [certificate] = purposes(loaded, "reconcile")
    assert (certificate["verdict"], certificate["missing_keys"]) == ("incomplete", [str(lost)])


@pytest.mark.long
def test_of_many_rows_that_nobody_has_the_first_are_named_and_all_are_counted(loaded, monkeypatch, sandbox):
    monkeypatch.setattr(sys_info_reconcile, "MAX_NAMED", 3)
    monkeypatch.setattr(sys_info_reconcile, "CHUNK_ROWS", 100)
    lost = trades(loaded)[150:155] + trades(loaded)[250:252]
    lose(loaded, *lost)
    nowhere = [{"table": TRADE, "id": tid, "response": None} for tid in lost]
    sandbox.tell("taobao_put", records=nowhere)
    monkeypatch.setattr(SysInfoTable, "by_keys", lambda *_: [])

    with pytest.raises(WindowIncomplete, match=f"7 rows of .*{lost[0]}"):
        reconcile(loaded)

    [certificate] = purposes(loaded, "reconcile")
    assert certificate["missing_keys"] == [str(tid) for tid in sorted(lost[:5])[:3]]
    assert certificate["rule_counts"]["missing"] == 7
    assert (certificate["source_keys"], certificate["target_keys"]) == (300, 293)


@pytest.mark.long
def test_what_cannot_be_used_is_set_aside_and_counted(loaded):
    spoilt, *_ = some_trades(loaded, 1)
    lose(loaded, spoilt)
    loaded.write("UPDATE jdp_tb_trade SET jdp_response = '{' WHERE tid = %s", spoilt)

    told = reconcile(loaded)

    assert (told["quarantined"], told["same"]) == (1, told["source_keys"] - 1)
    assert [(row["source_key"], row["reason"]) for row in loaded.quarantine()] == [(str(spoilt), "not_json")]
    assert purposes(loaded, "reconcile")[0]["verdict"] == "complete"


@pytest.mark.long
def test_rows_that_change_while_both_sides_are_compared_are_no_difference(loaded, monkeypatch):
    moved, *_ = some_trades(loaded, 1)
    later = loaded.clock.moment
    tally = SysInfoTable.version_tally

    def moving(table: SysInfoTable, window: Any) -> Any:
        loaded.write("UPDATE jdp_tb_trade SET jdp_modified = %s WHERE tid = %s", later, moved)
        return tally(table, window)

    monkeypatch.setattr(SysInfoTable, "version_tally", moving)

    assert reconcile(loaded)["pulled_again"] == 0


@pytest.mark.long
def test_what_scheduled_loads_have_not_read_yet_is_left_to_them(loaded):
    [changed] = some_trades(loaded, 1)
    loaded.clock.advance(HOUR)
    loaded.write("UPDATE jdp_tb_trade SET jdp_modified = '2026-11-23 12:30:00' WHERE tid = %s", changed)

    told = reconcile(loaded)

    assert (told["pulled_again"], told["source_keys"]) == (0, 299)


def test_before_the_first_load_there_is_nothing_to_compare(sys_info):
    assert reconcile(sys_info) == {"source_keys": 0}


@pytest.mark.long
def test_single_rows_are_pulled_again_whatever_is_there(loaded):
    lost, there, *_ = some_trades(loaded, 2)
    lose(loaded, lost)

    told = reconcile(loaded, table=TRADE, keys=f"{lost}, {there}")

    assert (told["loaded"], told["nowhere"]) == (2, 0)
    assert differences(loaded, [TRADE]) == []
    assert purposes(loaded, "reconcile") == []


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"keys": "12"}, "param table"),
        ({"keys": "x ９", "table": TRADE}, "param keys: 'x', '９': no number"),
        ({"keys": "，", "table": TRADE}, "param keys: '，' names nothing"),
    ],
)
def test_a_wrong_param_is_named(sys_info, params, message):
    with pytest.raises(AirflowFailException, match=message):
        reconcile(sys_info, **params)


@pytest.mark.long
def test_a_key_that_is_none_keeps_no_other_from_being_pulled(loaded):
    lost, there, *_ = some_trades(loaded, 2)
    lose(loaded, lost)

    with pytest.raises(
        AirflowFailException, match="of 4 rows 'x', '99999999999999999999': no number of a row"
    ):
        reconcile(loaded, table=TRADE, keys=f"x，{lost};99999999999999999999、{there}")

    assert differences(loaded, [TRADE]) == []


@pytest.mark.long
def test_a_key_that_the_platform_refuses_keeps_no_other_from_being_pulled(loaded, sandbox):
    seller = next(iter(sandbox.credentials("taobao")["sessions"]))
    own = f"SELECT tid FROM taobao_trade WHERE seller_nick = '{seller}' ORDER BY tid LIMIT 2"
    refused, other = keys = [row["tid"] for row in loaded.rows(own)]
    lose(loaded, *keys)
    for key in keys:
        loaded.write("DELETE FROM jdp_tb_trade WHERE tid = %s", key)
    sandbox.fault("/router/rest", "top_error", times=1, code=41, msg="Invalid arguments")

    with pytest.raises(
        AirflowFailException, match=f"of 2 rows 1 the platform refuses, see the log: {refused}"
    ):
        reconcile(loaded, table=TRADE, keys=f"{refused} {other}")

    assert [
        row["tid"] for row in loaded.rows(f"SELECT tid FROM taobao_trade WHERE tid IN ({refused}, {other})")
    ] == [other]


@pytest.mark.long
def test_only_the_table_that_was_asked_for_is_looked_at(loaded):
    with pytest.raises(AirflowSkipException):
        reconcile(loaded, "jdp_tb_item", table=TRADE)

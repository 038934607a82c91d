"""A row whose jdp_modified is NULL or zero is found, loaded by its key, and takes nothing down with it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowFailException

from retail_pipeline.orchestration.sessions import open_mysql
from retail_pipeline.vendors.taobao.sys_info import RowFilter, SysInfoTable
from retail_pipeline.vendors.taobao.tables import FEED_TABLES
from tests.jushita_sys_info.faults.feed_changes import trade, trades
from tests.jushita_sys_info.faults.test_reconcile import purposes, reconcile
from tests.jushita_sys_info.runs import MONDAY_NOON, TRADE, SysInfoRuns

HOUR = timedelta(hours=1)
NO_TIMES = pytest.mark.parametrize("no_time", ["NULL", "'0000-00-00 00:00:00'"])
COLUMNS = pytest.mark.parametrize("column", ["datetime", "datetime(3)", "datetime(6)"])


@pytest.fixture
def filled(sys_info) -> SysInfoRuns:
    sys_info.fill(40, MONDAY_NOON - 3 * HOUR, MONDAY_NOON - 2 * HOUR)
    return sys_info


def take_time(runs: SysInfoRuns, no_time: str, *tids: int) -> None:
    runs.write("SET SESSION sql_mode = ''")
    for tid in tids:
        runs.write(f"UPDATE jdp_tb_trade SET jdp_modified = {no_time} WHERE tid = %s", tid)


def head(runs: SysInfoRuns, tid: int) -> dict[str, Any] | None:
    found = runs.rows(f"SELECT status, jdp_modified, modified FROM taobao_trade WHERE tid = {tid}")
    return found[0] if found else None


@pytest.mark.long
@COLUMNS
@NO_TIMES
def test_the_comparison_finds_it_counts_it_and_loads_it(filled, no_time, column):
    tids = trades(filled)[3:5]
    filled.write(f"ALTER TABLE jdp_tb_trade MODIFY jdp_modified {column} NULL")
    take_time(filled, no_time, *tids)
    filled.run()
    assert [head(filled, tid) for tid in tids] == [None, None]

    told = reconcile(filled)

    assert (told["without_time"], told["pulled_again"], told["source_keys"]) == (2, 2, 40)
    for tid in tids:
        row = head(filled, tid)
        assert row is not None
        assert row["jdp_modified"] == row["modified"]
        assert row["status"] == trade(filled, tid)["status"]
    assert [row["verdict"] for row in purposes(filled, "reconcile")] == ["complete"]


@pytest.mark.long
@NO_TIMES
def test_the_next_night_it_is_counted_and_pulled_only_where_it_was_pushed_again(filled, no_time):
    tid = trades(filled)[3]
    filled.run()
    take_time(filled, no_time, tid)
    assert (reconcile(filled)["without_time"], reconcile(filled)["pulled_again"]) == (1, 0)

    filled.write("UPDATE jdp_tb_trade SET jdp_hashcode = 'other' WHERE tid = %s", tid)
    assert reconcile(filled)["pulled_again"] == 1
    assert reconcile(filled)["pulled_again"] == 0


@NO_TIMES
def test_it_can_be_pulled_by_its_key(filled, no_time):
    tid = trades(filled)[3]
    take_time(filled, no_time, tid)

    assert reconcile(filled, table=TRADE, keys=str(tid))["loaded"] == 1
    assert head(filled, tid) is not None


@pytest.mark.long
@pytest.mark.parametrize("modified", [None, "soon", "0000-00-00 00:00:00"])
@NO_TIMES
def test_where_the_record_has_no_time_either_it_is_set_aside(filled, no_time, modified):
    tid = trades(filled)[3]
    response = f'{{"trade_fullinfo_get_response":{{"trade":{{"tid":{tid},"modified":"{modified}"}}}}}}'
    response = response.replace(',"modified":"None"', "").replace(
        '"tid"', '"orders":{"order":[{"oid":1}]},"tid"'
    )
    filled.write("UPDATE jdp_tb_trade SET jdp_response = %s WHERE tid = %s", response, tid)
    take_time(filled, no_time, tid)

    with pytest.raises(AirflowFailException, match="1 cannot be used"):
        reconcile(filled, table=TRADE, keys=str(tid))
    filled.run()
    told = reconcile(filled)
    assert (told["source_keys"], told["same"], told["quarantined"]) == (40, 39, 1)

    assert {(row["source_key"], row["reason"], row["detail"]) for row in filled.quarantine()} == {
        (str(tid), "value_missing", "jdp_modified")
    }


@NO_TIMES
def test_the_oldest_row_is_the_oldest_that_has_a_time(filled, no_time):
    first, second = trades(filled)[:2]
    take_time(filled, no_time, first)

    with open_mysql("jushita_mysql") as session:
        table = SysInfoTable(session, "jushita_mysql", FEED_TABLES[TRADE], 10, RowFilter())
        table.exists()
        oldest = table.oldest()

    assert oldest is not None
    assert second in trades(filled)
    assert oldest >= MONDAY_NOON - 3 * HOUR


@pytest.mark.long
def test_where_no_row_has_a_time_all_are_found(filled):
    filled.run()
    take_time(filled, "NULL", *trades(filled))

    told = reconcile(filled)

    assert (told["without_time"], told["source_keys"], told["same"]) == (40, 40, 40)


@NO_TIMES
def test_they_are_found_by_the_index(filled, no_time):
    take_time(filled, no_time, *trades(filled)[:3])
    with open_mysql("jushita_mysql") as session:
        table = SysInfoTable(session, "jushita_mysql", FEED_TABLES[TRADE], 10, RowFilter())
        table.exists()
        values = {"no_time": None if no_time == "NULL" else 0, "after_key": -1, "rows": 10}
        with session.cursor() as cursor:
            cursor.execute(f"EXPLAIN {table.text('without_time')}", values)
            [plan] = cursor.fetchall()
        found = [row.key for rows in table.without_time() for row in rows]

    assert len(found) == 3
    assert "jdp_modified" in str(plan[5])  # the key that is used

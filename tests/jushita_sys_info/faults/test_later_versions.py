"""A version that is later than the source's is wrong, and replaced; one that another load brings meanwhile is not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowFailException
from click.testing import CliRunner

from retail_pipeline.cli.main import retail
from retail_pipeline.databases.target_session import change
from retail_pipeline.pipelines.jushita_sys_info.warehouse import WarehouseTable
from retail_pipeline.pipelines.jushita_sys_info.window import SysInfoLoader
from tests.jushita_sys_info.faults.feed_changes import once_before, push, trades
from tests.jushita_sys_info.faults.test_reconcile import purposes, reconcile
from tests.jushita_sys_info.runs import MONDAY_NOON, PIPELINE, TRADE, SysInfoRuns, differences

HOUR = timedelta(hours=1)
MOVED = "UPDATE taobao_trade SET jdp_modified = jdp_modified {by}, status = 'OLD' WHERE tid = {tid}"


@pytest.fixture
def loaded(either_target) -> SysInfoRuns:
    """Some hours are loaded, into either database."""
    either_target.fill(60, MONDAY_NOON - 5 * HOUR, MONDAY_NOON - HOUR)
    either_target.run()
    return either_target


def status(runs: SysInfoRuns, tid: int) -> str:
    return runs.rows(f"SELECT status FROM taobao_trade WHERE tid = {tid}")[0]["status"]


def newer(runs: SysInfoRuns, tid: int) -> Callable[[], None]:
    """Return what changes a trade and has another load bring it."""

    def happening() -> None:
        push(runs, tid, MONDAY_NOON - timedelta(minutes=1), status="NEWER")
        runs.run(run_type="manual", window_from="2026-11-23 11:00:00", window_to="2026-11-23 12:00:00")

    return happening


@pytest.mark.long
@pytest.mark.parametrize("by", ["+ interval '1' day", "+ interval '1' minute", "+ interval '1' second"])
def test_what_is_later_here_than_in_the_source_is_replaced(loaded, by):
    tid = trades(loaded)[7]
    change(loaded.target, MOVED.format(by=by, tid=tid))

    told = reconcile(loaded)

    assert (told["later_here"], told["pulled_again"], told["newer"]) == (1, 1, 0)
    assert differences(loaded, [TRADE]) == []
    [repair] = purposes(loaded, "repair")
    assert (repair["verdict"], repair["refused"]) == ("complete", 0)
    assert '"replaced": 1' in str(repair["rule_counts"]).replace("'", '"')


@pytest.mark.long
def test_a_row_that_was_moved_into_the_window_is_replaced_as_well(loaded):
    """The source has it from before the window, which is all that a listing of the window shows."""
    tid = trades(loaded)[7]
    loaded.write("UPDATE jdp_tb_trade SET jdp_modified = '2026-11-20 10:00:00' WHERE tid = %s", tid)

    assert reconcile(loaded, days=1)["later_here"] == 1
    assert differences(loaded, [TRADE]) == []


@pytest.mark.long
def test_a_table_whose_times_were_all_moved_is_replaced(loaded):
    change(loaded.target, "UPDATE taobao_trade SET jdp_modified = jdp_modified + interval '8' hour")

    assert reconcile(loaded)["later_here"] == 60
    assert differences(loaded, [TRADE]) == []


@pytest.mark.long
def test_a_single_row_that_is_pulled_is_replaced_whatever_its_version(loaded):
    tid = trades(loaded)[7]
    change(loaded.target, MOVED.format(by="+ interval '1' day", tid=tid))

    assert reconcile(loaded, table=TRADE, keys=str(tid))["loaded"] == 1
    assert differences(loaded, [TRADE]) == []


@pytest.mark.long
def test_what_another_load_brings_meanwhile_stays_and_is_told(loaded):
    tid = trades(loaded)[7]

    with (
        once_before(
            SysInfoLoader, "publish", newer(loaded, tid), lambda *given: given[1].purpose == "repair"
        ),
        pytest.raises(AirflowFailException, match=f"1 a later version was loaded.*{tid}"),
    ):
        reconcile(loaded, table=TRADE, keys=str(tid))

    assert status(loaded, tid) == "NEWER"
    assert differences(loaded, [TRADE]) == []


@pytest.mark.long
def test_the_command_says_what_was_not_loaded_and_fails(loaded):
    tid = trades(loaded)[7]
    with once_before(
        SysInfoLoader, "publish", newer(loaded, tid), lambda *given: given[1].purpose == "repair"
    ):
        result = CliRunner().invoke(retail, ["jushita", "pull", TRADE, str(tid)])

    assert result.exit_code == 1
    assert result.output.endswith(
        f"0 loaded, 0 of them from Taobao\n{tid}: not loaded: another load has brought a later version meanwhile\n"
    )


@pytest.mark.long
def test_a_replay_says_so_too(loaded):
    tid = trades(loaded)[7]
    loaded.write("UPDATE jdp_tb_trade SET jdp_response = '{' WHERE tid = %s", tid)
    with pytest.raises(AirflowFailException, match="1 cannot be used"):
        reconcile(loaded, table=TRADE, keys=str(tid))
    [entry] = loaded.quarantine()
    response = loaded.rows(f"SELECT 1 AS one FROM taobao_trade WHERE tid = {tid}")
    assert response
    mend(loaded, tid)

    with once_before(
        SysInfoLoader, "publish", newer(loaded, tid), lambda *given: given[1].purpose == "repair"
    ):
        result = CliRunner().invoke(
            retail, ["quarantine", "replay", str(entry["id"]), "--pipeline", PIPELINE]
        )

    assert "not needed: a later version of it was loaded meanwhile" in result.output
    assert status(loaded, tid) == "NEWER"


def mend(runs: SysInfoRuns, tid: int) -> None:
    """Give a trade the answer of another one, with its number."""
    other = next(each for each in trades(runs) if each != tid)
    sql = (
        "UPDATE jdp_tb_trade AS t JOIN jdp_tb_trade AS o ON o.tid = %s"
        " SET t.jdp_response = REPLACE(o.jdp_response, CAST(o.tid AS CHAR), CAST(t.tid AS CHAR)) WHERE t.tid = %s"
    )
    runs.write(sql, other, tid)


def test_what_nobody_has_fails_the_task(loaded):
    with pytest.raises(AirflowFailException, match=r"1 neither sys_info nor the platform has.*: 7"):
        reconcile(loaded, table=TRADE, keys="7")


@pytest.mark.long
def test_rows_that_move_on_while_they_are_compared_are_not_wrong(loaded):
    """The listing is of before, and what the warehouse has of after: the source, asked once more, has it too."""
    tid = trades(loaded)[7]
    change(loaded.target, f"DELETE FROM taobao_trade WHERE tid = {trades(loaded)[8]}")

    with once_before(WarehouseTable, "versions", newer(loaded, tid), lambda *given: True):
        told = reconcile(loaded)

    assert (told["later_here"], told["pulled_again"]) == (0, 1)
    assert status(loaded, tid) == "NEWER"
    assert differences(loaded, [TRADE]) == []


# A clock that was set back


def reread(runs: SysInfoRuns) -> list[dict[str, Any]]:
    return runs.run(run_type="manual", window_from="2026-11-23 00:00:00", window_to="2026-11-23 11:59:00")


@pytest.mark.long
def test_a_reading_in_the_future_blocks_nobody(loaded):
    tid = trades(loaded)[7]
    change(loaded.target, "UPDATE taobao_trade SET read_at = '2099-01-01'")
    push(loaded, tid, None, status="AGAIN")

    [told] = reread(loaded)

    assert told["refused"] == 0
    assert status(loaded, tid) == "AGAIN"
    assert differences(loaded, [TRADE]) == []
    assert loaded.rows("SELECT COUNT(*) AS count FROM taobao_trade WHERE read_at > '2098-01-01'") == [
        {"count": 0}
    ]


@pytest.mark.long
def test_a_later_change_that_was_read_in_the_future_is_still_later(loaded):
    tid = trades(loaded)[7]
    change(
        loaded.target,
        f"UPDATE taobao_trade SET read_at = '2099-01-01', jdp_modified = jdp_modified + interval '1' second, "
        f"status = 'LATER' WHERE tid = {tid}",
    )
    [told] = reread(loaded)

    assert told["refused"] == 1
    assert status(loaded, tid) == "LATER"

"""A chunk of sys_info that cannot be loaded holds up no other, and what is complete behind it is not read again."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from airflow.sdk.exceptions import AirflowFailException
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from retail_pipeline.errors import ChunksFailed
from retail_pipeline.vendors.taobao.sys_info import SysInfoTable
from sandbox.sys_info import nasty
from tests.examples import examples
from tests.jushita_sys_info.faults.feed_changes import push_new
from tests.jushita_sys_info.faults.promises import local
from tests.jushita_sys_info.rds_tables import empty_both_sides
from tests.jushita_sys_info.runs import MONDAY_NOON, TRADE, SysInfoRuns, differences, settings_file

HOUR, MINUTE, SECOND = timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1)
START = datetime(2026, 11, 22, tzinfo=MONDAY_NOON.tzinfo)
LOOKBACK, SAFETY_DELAY = 10 * MINUTE, 15 * SECOND


def poison(runs: SysInfoRuns, at: datetime, seed: int = 1) -> int:
    """Push a row that no load of these settings takes; return its number."""
    rows = nasty.insert(runs.owner, runs.naming, seed, int(at.timestamp()), ["broken_json"])
    [row] = [row for row in rows if row.table == TRADE]
    return row.number


def mend(runs: SysInfoRuns, tid: int) -> None:
    runs.write("DELETE FROM jdp_tb_trade WHERE tid = %s", tid)


def run_all(runs: SysInfoRuns) -> None:
    """Run as Airflow does: one task's failure stops no other."""
    context = runs.context()
    for part in runs.plan(TRADE, context):
        with suppress(AirflowFailException, ChunksFailed):
            runs.load(part, context)


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """Note where the statements begin that read pages."""
    found: list[datetime] = []
    pages = SysInfoTable.pages

    def noted(table: SysInfoTable, window: Any) -> Any:
        found.append(window.start)
        return pages(table, window)

    monkeypatch.setattr(SysInfoTable, "pages", noted)
    return found


def by_target(folder: Path, runs: SysInfoRuns, **reading: Any) -> None:
    target = "warehouse_postgres" if isinstance(runs.target, psycopg.Connection) else "bi_mysql"
    settings_file(folder, target, max_quarantined=0, **reading)


@pytest.mark.long
def test_behind_a_stuck_chunk_only_what_may_still_come_late_is_read_again(each_target, tmp_path, read):
    runs = each_target
    by_target(tmp_path, runs, chunk_hours=6)
    runs.fill(350, START, MONDAY_NOON - HOUR)
    tid = poison(runs, START + 5 * HOUR)
    run_all(runs)
    stuck_at = runs.watermark()
    assert START <= stuck_at <= START + 5 * HOUR
    for _ in range(3):
        end = runs.clock.moment - SAFETY_DELAY
        runs.clock.advance(5 * MINUTE)
        read.clear()
        run_all(runs)
        assert [start for start in read if start > START + 6 * HOUR] == [end - LOOKBACK]
        assert runs.watermark() == stuck_at
    mend(runs, tid)
    runs.clock.advance(5 * MINUTE)
    run_all(runs)
    assert runs.watermark() == runs.clock.moment - SAFETY_DELAY
    assert differences(runs, [TRADE]) == []


@pytest.mark.long
def test_the_chunks_behind_one_that_fails_are_loaded_in_the_same_task(each_target, tmp_path):
    runs = each_target
    by_target(tmp_path, runs)
    runs.fill(350, MONDAY_NOON - 10 * HOUR, MONDAY_NOON - HOUR)
    tid = poison(runs, MONDAY_NOON - 7 * HOUR)
    with pytest.raises(AirflowFailException, match=r"1 of .* records cannot be used"):
        runs.run()
    [failed] = [row for row in runs.certificates() if row["verdict"] != "complete"]
    behind = [row for row in runs.certificates() if row["window_from"] >= failed["window_to"]]
    assert [row["verdict"] for row in behind] == ["complete"] * len(behind)
    assert sum(row["source_keys"] for row in behind) > 100
    assert local(max(row["window_to"] for row in behind)) == MONDAY_NOON - SAFETY_DELAY
    mend(runs, tid)
    runs.run()
    assert runs.watermark() == MONDAY_NOON - SAFETY_DELAY
    assert differences(runs, [TRADE]) == []


@pytest.mark.long
def test_chunks_that_fail_with_others_between_them_are_all_named_and_no_reason_to_give_up(sys_info, tmp_path):
    settings_file(tmp_path, max_quarantined=0)
    sys_info.fill(1100, MONDAY_NOON - 10 * HOUR, MONDAY_NOON - HOUR)
    moments = [MONDAY_NOON - hours * HOUR for hours in (9, 7, 5, 3)]
    tids = [poison(sys_info, moment, seed=seed) for seed, moment in enumerate(moments)]
    with pytest.raises(ChunksFailed, match=r"^4 chunks failed: ") as caught:
        sys_info.run()
    failed = [row for row in sys_info.certificates() if row["verdict"] != "complete"]
    assert [row["error"] for row in failed] == [str(error) for error in caught.value.errors]
    assert [
        [moment for moment in moments if row["window_from"] <= moment < row["window_to"]] for row in failed
    ] == [[moment] for moment in moments]
    for tid in tids:
        mend(sys_info, tid)
    sys_info.run()
    assert sys_info.watermark() == MONDAY_NOON - SAFETY_DELAY
    assert differences(sys_info, [TRADE]) == []


@pytest.mark.long
def test_what_is_not_tried_behind_failures_in_succession_has_a_certificate_too(each_target, tmp_path):
    runs = each_target
    by_target(tmp_path, runs)
    runs.fill(550, MONDAY_NOON - 10 * HOUR, MONDAY_NOON - HOUR)
    for seed, minutes in enumerate(range(5, 600, 15)):
        poison(runs, MONDAY_NOON - minutes * MINUTE, seed=seed)
    with pytest.raises(ChunksFailed, match=r"^3 chunks failed, and what comes behind was not tried"):
        runs.run()
    *failed, left = [row for row in runs.certificates() if row["verdict"] != "complete"]
    assert (len(failed), left["verdict"], left["error"][:10]) == (3, "failed", "not tried:")
    assert left["window_from"] == failed[-1]["window_to"]
    assert local(left["window_to"]) == MONDAY_NOON - SAFETY_DELAY


@pytest.mark.long
def test_what_goes_ahead_and_fails_does_not_hold_up_the_rest(sys_info, tmp_path):
    ahead = {"ahead": [{"name": "all", "table": TRADE}]}
    settings_file(tmp_path, jushita=ahead, max_quarantined=0)
    sys_info.fill(90, MONDAY_NOON - 10 * HOUR, MONDAY_NOON - HOUR)
    tid = poison(sys_info, MONDAY_NOON - 9 * HOUR)
    run_all(sys_info)
    mend(sys_info, tid)
    verdicts = {(row["filters"], row["verdict"]) for row in sys_info.certificates()}
    assert ("ahead=all", "stopped") in verdicts
    assert ("", "complete") in verdicts


EVENTS = st.lists(
    st.one_of(
        st.tuples(st.just("late"), st.integers(0, 10 * 60)),
        st.tuples(st.just("wait"), st.integers(1, 30)),
        st.just(("run", 0)),
    ),
    max_size=10,
)


@settings(max_examples=examples(8, everything=16), deadline=None, suppress_health_check=list(HealthCheck))
@given(before=EVENTS, after=EVENTS, ahead=st.sampled_from([-7, 0, 7]))
def test_no_row_that_is_committed_late_is_lost_behind_a_stuck_chunk(
    sys_info, tmp_path, monkeypatch, before, after, ahead
):
    """Whether or not our clock agrees with the RDS's, by which rows are stamped."""
    runs = sys_info
    settings_file(tmp_path, max_quarantined=0)
    empty_both_sides(runs.owner, runs.target)
    for table in ("etl_window", "etl_watermark", "etl_quarantine"):
        runs.target.execute(f"DELETE FROM {table}")
    runs.clock.set(MONDAY_NOON)
    monkeypatch.setattr(SysInfoTable, "now", lambda _table: runs.clock.moment - ahead * MINUTE)
    runs.fill(9, START, MONDAY_NOON - HOUR)
    tid, seed = poison(runs, START + HOUR), 100
    for events in ([("run", 0), *before], [("run", 0), *after]):
        for what, how_much in events:
            if what == "late":
                seed += 1
                push_new(runs, runs.clock.moment - ahead * MINUTE - how_much * SECOND, seed=seed)
            elif what == "wait":
                runs.clock.advance(how_much * MINUTE)
            else:
                run_all(runs)
        mend(runs, tid)
    for _ in range(2):
        runs.clock.advance(15 * MINUTE)
        run_all(runs)

    assert differences(runs, [TRADE]) == []
    assert runs.watermark() == runs.clock.moment - ahead * MINUTE - SAFETY_DELAY

"""A window of many rows is published a chunk at a time, and a load that is killed goes on behind the last of them."""

from __future__ import annotations

import threading
from contextlib import closing
from datetime import datetime, timedelta
from typing import Any

import psycopg
import pymysql
import pytest
from pymysql.connections import LoadLocalFile

from retail_pipeline.databases.mysql_session import reopen
from retail_pipeline.errors import DatabaseUnavailable, PipelineError
from retail_pipeline.tables.stage import Stage
from retail_pipeline.vendors.attempts import ATTEMPTS
from retail_pipeline.vendors.taobao.sys_info import SysInfoTable
from sandbox.sys_info.tables import connect
from tests.conftest import server_url
from tests.jushita_sys_info.faults.feed_changes import once_before
from tests.jushita_sys_info.faults.promises import adds_up, hold, local
from tests.jushita_sys_info.runs import MONDAY_NOON, TRADE, SysInfoRuns, differences
from tests.patience import PATIENCE
from tests.windows.sudden_death import Died, SuddenDeath

HOUR = timedelta(hours=1)
SETTLED = MONDAY_NOON - timedelta(seconds=15)


def chunks(runs: SysInfoRuns, verdict: str = "complete") -> list[dict[str, Any]]:
    """Return the certificates of windows in which there were rows."""
    found = [row for row in runs.certificates() if row["verdict"] == verdict and row["source_keys"] != 0]
    return sorted(found, key=lambda row: row["window_from"])


def of_today(runs: SysInfoRuns) -> tuple[dict[str, Any], dict[str, Any]]:
    """Load what was pushed the days before, which is nothing; return the part of this morning, and the run."""
    context = runs.context()
    *before, part = runs.plan(TRADE, context)
    for each in before:
        runs.load(each, context)
    return part, context


@pytest.mark.long
def test_a_window_of_many_rows_becomes_chunks_that_follow_upon_each_other(either_target):
    either_target.fill(350, MONDAY_NOON - 10 * HOUR, MONDAY_NOON - HOUR)

    [*_, told] = either_target.run()

    found = chunks(either_target)
    assert (told["windows"], told["source_keys"]) == (len(found), 350)
    assert [row["window_to"] for row in found[:-1]] == [row["window_from"] for row in found[1:]]
    assert len(found) >= 3
    assert sum(row["source_keys"] for row in found) == sum(row["source_total"] for row in found) == 350
    assert all(adds_up(row) for row in found)
    assert either_target.watermark() == SETTLED
    assert differences(either_target, [TRADE]) == []


def test_more_rows_of_one_second_than_a_chunk_may_have_are_one_chunk(sys_info):
    sys_info.fill(350, MONDAY_NOON - 10 * HOUR, MONDAY_NOON - HOUR)
    sys_info.write("UPDATE jdp_tb_trade SET jdp_modified = '2026-11-23 05:00:00' ORDER BY tid LIMIT 250")

    sys_info.run()

    assert max(row["source_keys"] for row in chunks(sys_info)) >= 250
    assert sum(row["source_keys"] for row in chunks(sys_info)) == 350
    assert differences(sys_info, [TRADE]) == []


def test_the_watermark_moves_with_each_chunk(sys_info, monkeypatch):
    sys_info.fill(350, MONDAY_NOON - 10 * HOUR, MONDAY_NOON - HOUR)
    seen: list[datetime | None] = []
    publish = Stage.publish

    def watched(stage: Stage, number: int, *first: Any) -> Any:
        seen.append(sys_info.watermark())
        return publish(stage, number, *first)

    monkeypatch.setattr(Stage, "publish", watched)
    sys_info.run()

    ends = [local(row["window_to"]) for row in chunks(sys_info)]
    assert [*seen[-len(ends) + 1 :], sys_info.watermark()] == ends


@pytest.mark.long
@pytest.mark.parametrize(("owner", "name"), [(Stage, "publish"), (SysInfoTable, "tally"), (Stage, "_proof")])
def test_a_run_that_is_killed_goes_on_behind_the_last_chunk(either_target, monkeypatch, owner, name):
    """The third chunk with rows dies; those before it stay, and are not read again."""
    either_target.fill(350, MONDAY_NOON - 10 * HOUR, MONDAY_NOON - HOUR)
    part, context = of_today(either_target)
    with monkeypatch.context() as patch:
        patch.setattr(owner, name, dying_when(either_target, 2, getattr(owner, name)))
        with pytest.raises(Died):
            either_target.load(part, context)
    before = chunks(either_target)
    assert 2 <= len(before) < 4

    told = either_target.load(part, context)

    assert told["source_keys"] == 350 - sum(row["source_keys"] for row in before)
    assert chunks(either_target)[: len(before)] == before
    assert differences(either_target, [TRADE]) == []


def dying_when(runs: SysInfoRuns, published: int, step: Any) -> Any:
    def dying(owner: Any, *args: Any) -> Any:
        if len(chunks(runs)) >= published:
            raise Died
        return step(owner, *args)

    return dying


@pytest.mark.long
@pytest.mark.parametrize("steps", [40, 55, 70, 85, 100])
@pytest.mark.parametrize("step_is_done", [False, True])
def test_a_run_that_is_killed_between_any_two_steps_leaves_whole_chunks(
    sys_info, monkeypatch, steps, step_is_done
):
    psycopg_steps = ((psycopg.Cursor, "execute"), (psycopg.Cursor, "copy"))
    death = SuddenDeath(monkeypatch, (SysInfoTable, "_rows"), psycopg_steps)
    sys_info.fill(350, MONDAY_NOON - 10 * HOUR, MONDAY_NOON - HOUR)
    part, context = of_today(sys_info)

    with death.after(steps, step_is_done=step_is_done):
        sys_info.load(part, context)
        pytest.fail("it was to die")
    hold(sys_info)
    there = sys_info.rows("SELECT COUNT(*) AS count FROM taobao_trade")[0]["count"]
    assert there == sum(row["source_keys"] for row in chunks(sys_info)) < 350

    sys_info.load(part, context)
    assert differences(sys_info, [TRADE]) == []
    assert sum(row["source_keys"] for row in chunks(sys_info)) == 350
    hold(sys_info)


KILL = {
    "warehouse_postgres": "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()",
    "bi_mysql": "SELECT id FROM information_schema.processlist WHERE user = 'bi' AND id <> CONNECTION_ID()",
}


def kill_target_sessions(runs: SysInfoRuns) -> None:
    """Do to the load what an administrator, or a server that restarts, does to it."""
    if isinstance(runs.target, psycopg.Connection):
        runs.rows(KILL["warehouse_postgres"])
        return
    for row in runs.rows(KILL["bi_mysql"]):
        runs.rows(f"KILL {row['id']}")


@pytest.mark.long
def test_a_target_that_ends_our_sessions_is_tried_again_later(either_target, monkeypatch):
    either_target.fill(350, MONDAY_NOON - 10 * HOUR, MONDAY_NOON - HOUR)
    part, context = of_today(either_target)
    publish = Stage.publish

    def killed(stage: Stage, number: int, *first: Any) -> Any:
        if len(chunks(either_target)) == 2 and publishing.acquire(blocking=False):
            kill_target_sessions(either_target)
        return publish(stage, number, *first)

    publishing = threading.Lock()
    with monkeypatch.context() as patch:
        patch.setattr(Stage, "publish", killed)
        with pytest.raises(DatabaseUnavailable):
            either_target.load(part, context)
    [failure] = [row for row in either_target.certificates() if row["verdict"] == "failed"]
    before, behind = chunks(either_target)[:2], chunks(either_target)[2:]
    assert local(failure["window_from"]) == local(before[-1]["window_to"]) == either_target.watermark()
    assert failure["window_to"] == behind[0]["window_from"]
    assert local(behind[-1]["window_to"]) == SETTLED

    either_target.load(part, context)

    assert sum(row["source_keys"] for row in chunks(either_target)) == 350
    assert differences(either_target, [TRADE]) == []


@pytest.mark.long
@pytest.mark.parametrize("either_target", ["bi_mysql"], indirect=True)
def test_a_target_that_hangs_up_while_rows_are_sent_is_tried_again_later(either_target):
    """LOAD DATA LOCAL is where most of the time goes, and where the driver itself stumbles."""
    either_target.fill(350, MONDAY_NOON - 10 * HOUR, MONDAY_NOON - HOUR)
    part, context = of_today(either_target)

    def hangs_up() -> None:
        kill_target_sessions(either_target)
        while len(either_target.rows(KILL["bi_mysql"])) > 0:
            pass

    with (
        once_before(LoadLocalFile, "send_data", hangs_up),
        pytest.raises(DatabaseUnavailable, match="connection 'bi_mysql'"),
    ):
        either_target.load(part, context)

    [failure] = [row for row in either_target.certificates() if row["verdict"] == "failed"]
    assert "bi_mysql" in failure["error"]
    either_target.load(part, context)
    assert differences(either_target, [TRADE]) == []


def end_session(session: pymysql.Connection[Any]) -> None:
    with closing(connect(server_url("JUSHITA_MYSQL_URL"))) as other, other.cursor() as cursor:
        cursor.execute(f"KILL {session.thread_id()}")


@pytest.mark.long
@pytest.mark.parametrize("at", [2, 5, 9, 14, 21, 30])
def test_a_source_that_ends_our_session_is_read_on_where_it_was(either_target, monkeypatch, at):
    """Whatever statement it is: none is lost, and no page is read a second time."""
    either_target.fill(350, MONDAY_NOON - 10 * HOUR, MONDAY_NOON - HOUR)
    part, context = of_today(either_target)
    pages: list[Any] = []
    ask, asked = SysInfoTable._ask, iter(range(1000))

    def killed(table: SysInfoTable, sql: str, values: Any, *form: Any) -> Any:
        if next(asked) == at:
            end_session(table.session)
        rows = ask(table, sql, values, *form)
        pages.append((values.get("after"), values.get("after_key")))
        return rows

    monkeypatch.setattr(SysInfoTable, "_ask", killed)
    either_target.load(part, context)

    assert {row["verdict"] for row in either_target.certificates()} == {"complete"}
    read = [place for place in pages if place[0]]
    assert len(read) == len(set(read)) > 30
    assert sum(row["source_keys"] for row in chunks(either_target)) == 350
    assert differences(either_target, [TRADE]) == []


@pytest.mark.long
def test_a_source_that_never_lets_us_stay_is_given_up_after_a_few_attempts(sys_info, monkeypatch):
    sys_info.fill(350, MONDAY_NOON - 10 * HOUR, MONDAY_NOON - HOUR)
    part, context = of_today(sys_info)
    ask, asked, opened = SysInfoTable._ask, iter(range(1000)), []

    def killed(table: SysInfoTable, sql: str, values: Any, *form: Any) -> Any:
        if next(asked) == 15:
            end_session(table.session)
        return ask(table, sql, values, *form)

    def for_a_moment(session: Any, conn_id: str) -> None:
        opened.append(session)
        reopen(session, conn_id)
        end_session(session)

    with monkeypatch.context() as patch:
        patch.setattr(SysInfoTable, "_ask", killed)
        patch.setattr("retail_pipeline.vendors.taobao.sys_info.reopen", for_a_moment)
        with pytest.raises(DatabaseUnavailable, match=r"connection 'jushita_mysql': \[(2006|2013|1927)\]"):
            sys_info.load(part, context)
    assert len(opened) == ATTEMPTS - 1
    [failure] = [row for row in sys_info.certificates() if row["verdict"] == "failed"]
    assert "jushita_mysql" in failure["error"]
    assert local(failure["window_from"]) == sys_info.watermark()

    sys_info.load(part, context)
    assert differences(sys_info, [TRADE]) == []


@pytest.mark.long
def test_a_failure_in_reading_leaves_what_is_being_published_out_of_its_certificate(sys_info, monkeypatch):
    """One chunk is read while the one before is published: that one is done, though the reading failed."""
    sys_info.fill(350, MONDAY_NOON - 10 * HOUR, MONDAY_NOON - HOUR)
    part, context = of_today(sys_info)
    reading_failed = threading.Event()
    tally, publish, told = SysInfoTable.tally, Stage.publish, iter(range(100))

    def failing(table: SysInfoTable, window: Any) -> Any:
        if next(told) == 2:
            reading_failed.set()
            raise DatabaseUnavailable("the RDS is busy")
        return tally(table, window)

    def slow(stage: Stage, number: int, *first: Any) -> Any:
        if len(chunks(sys_info)) == 1:
            assert reading_failed.wait(PATIENCE)
        return publish(stage, number, *first)

    monkeypatch.setattr(SysInfoTable, "tally", failing)
    monkeypatch.setattr(Stage, "publish", slow)
    with pytest.raises(PipelineError, match="busy"):
        sys_info.load(part, context)

    [failure] = [row for row in sys_info.certificates() if row["verdict"] == "failed"]
    assert failure["window_from"] == chunks(sys_info)[1]["window_to"] == sys_info.watermark()
    assert failure["window_to"] == chunks(sys_info)[2]["window_from"]
    assert local(chunks(sys_info)[-1]["window_to"]) == SETTLED

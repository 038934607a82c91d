"""Whatever fails leaves a certificate that says why, without a secret or a record, and the commands tell."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowFailException, AirflowTaskTimeout
from click.testing import CliRunner
from pymysql.connections import LoadLocalFile

from retail_pipeline.cli.main import retail
from retail_pipeline.errors import DatabaseUnavailable
from retail_pipeline.pipelines.jushita_sys_info import load as sys_info_load
from retail_pipeline.pipelines.jushita_sys_info import reconcile as sys_info_reconcile
from retail_pipeline.pipelines.jushita_sys_info.reconcile_operators import ReconcileSysInfoOperator
from retail_pipeline.pipelines.jushita_sys_info.window import SysInfoLoader
from retail_pipeline.windows.paged_chunks import PagedLoader
from retail_pipeline.windows.paged_load import PagedLoad
from tests import planned
from tests.jushita_sys_info.faults.feed_changes import once_before
from tests.jushita_sys_info.faults.promises import local
from tests.jushita_sys_info.runs import TRADE, SysInfoRuns
from tests.wangdiantong_aftersales.runs import (
    HEAD,
    MONDAY_NOON,
    AftersalesRuns,
    change_connection,
    differences,
)

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
BUYER = "张三 13800138000"
AFTERSALES, SYS_INFO = "wangdiantong_aftersales", "jushita_sys_info"


def exit_of(pipeline: str) -> int:
    return CliRunner().invoke(retail, ["windows", pipeline]).exit_code


def with_orders(runs: AftersalesRuns) -> tuple[Any, Any]:
    """Return the chunk that holds orders, and its run; what lies before is loaded."""
    runs.fill(9, MONDAY_NOON - 3 * HOUR, MONDAY_NOON - HOUR)
    context = runs.context()
    before, chunk = runs.plan(context)
    runs.load(before, context)
    return chunk, context


def failures(runs: AftersalesRuns | SysInfoRuns) -> list[Any]:
    return [row for row in runs.certificates() if row["verdict"] != "complete"]


@contextmanager
def refusing(runs: AftersalesRuns, code: int) -> Iterator[None]:
    """Let the server refuse what is published, with an error of its own."""
    signal = f"SIGNAL SQLSTATE 'HY000' SET MYSQL_ERRNO = {code}, MESSAGE_TEXT = 'of the server'"
    runs.rows("DROP TRIGGER IF EXISTS refusing")
    runs.rows(f"CREATE TRIGGER refusing BEFORE INSERT ON {HEAD} FOR EACH ROW {signal}")
    try:
        yield
    finally:
        runs.rows("DROP TRIGGER refusing")


@pytest.mark.parametrize(
    "code", [1205, 1213, 1021, 1114, 3024], ids=["lock", "deadlock", "disk", "full", "slow"]
)
def test_an_error_of_the_database_is_certified(runs, code):
    chunk, context = with_orders(runs)
    with refusing(runs, code), pytest.raises((DatabaseUnavailable, AirflowFailException), match=f"{code}"):
        runs.load(chunk, context)
    [failed] = failures(runs)
    assert (failed["verdict"], failed["source_keys"]) == ("failed", None)
    assert f"connection 'bi_mysql': [{code}]" in failed["error"]
    assert local(failed["window_to"]) == MONDAY_NOON - MINUTE
    assert exit_of(AFTERSALES) == 1
    runs.load(chunk, context)
    assert exit_of(AFTERSALES) == 0
    assert differences(runs) == []


def test_a_session_that_is_lost_while_rows_are_staged_is_certified(runs):
    chunk, context = with_orders(runs)
    others = "SELECT id FROM information_schema.processlist WHERE user = 'bi' AND id <> CONNECTION_ID()"

    def hangs_up() -> None:
        for row in runs.rows(others):
            runs.rows(f"KILL {row['id']}")
        while runs.rows(others):
            pass

    with once_before(LoadLocalFile, "send_data", hangs_up), pytest.raises(DatabaseUnavailable):
        runs.load(chunk, context)
    [failed] = failures(runs)
    assert "connection 'bi_mysql'" in failed["error"]
    runs.load(chunk, context)
    assert differences(runs) == []


@pytest.mark.parametrize("kind", [KeyError, AirflowTaskTimeout], ids=["bug", "timeout"])
def test_what_is_no_error_of_ours_is_certified_without_its_words(runs, monkeypatch, kind):
    def failing(*_: Any) -> None:
        raise kind(BUYER)

    chunk, context = with_orders(runs)
    with monkeypatch.context() as patch:
        owner = PagedLoader if issubclass(kind, Exception) else PagedLoad
        patch.setattr(owner, "publish" if issubclass(kind, Exception) else "load", failing)
        with pytest.raises(kind):
            runs.load(chunk, context)
    [failed] = failures(runs)
    assert failed["error"] == f"{kind.__name__}: see the task's log"
    assert local(failed["window_to"]) == MONDAY_NOON - MINUTE
    assert exit_of(AFTERSALES) == 1


@pytest.mark.long
@pytest.mark.parametrize("kind", [KeyError, AirflowTaskTimeout], ids=["bug", "timeout"])
def test_nor_is_it_of_sys_info(each_target, monkeypatch, kind):
    def failing(*_: Any) -> None:
        raise kind(BUYER)

    each_target.fill(30, MONDAY_NOON - 3 * HOUR, MONDAY_NOON - HOUR)
    with monkeypatch.context() as patch:
        owner = SysInfoLoader if issubclass(kind, Exception) else sys_info_load.SysInfoLoad
        patch.setattr(owner, "publish" if issubclass(kind, Exception) else "_load_spans", failing)
        context = each_target.context()
        *_, chunk = each_target.plan(TRADE, context)
        with pytest.raises(kind):
            each_target.load(chunk, context)
    [failed] = failures(each_target)
    assert failed["error"] == f"{kind.__name__}: see the task's log"
    assert exit_of(SYS_INFO) == 1
    each_target.load(chunk, context)
    each_target.run()
    assert exit_of(SYS_INFO) == 0


def test_a_connection_that_cannot_work_is_certified_for_the_window_that_it_keeps_from_being_read(
    runs, monkeypatch
):
    with monkeypatch.context() as patch:
        change_connection(patch, "wangdiantong_default", password="no-colon")
        with pytest.raises(AirflowFailException, match="secret:salt"):
            runs.run()
    [failed] = failures(runs)
    assert "secret:salt" in failed["error"]
    assert exit_of(AFTERSALES) == 1
    runs.run()
    assert exit_of(AFTERSALES) == 0


def unreachable(patch: pytest.MonkeyPatch, name: str) -> None:
    fields = json.loads(os.environ[f"AIRFLOW_CONN_{name}"])
    patch.setenv(f"AIRFLOW_CONN_{name}", json.dumps({**fields, "port": 1}))


@pytest.mark.long
def test_a_failure_before_the_window_is_known_speaks_of_all_since_the_watermark(each_target, monkeypatch):
    """The window's end is the RDS's clock, and the RDS does not answer."""
    each_target.fill(30, MONDAY_NOON - 3 * HOUR, MONDAY_NOON - HOUR)
    each_target.run()
    reached = each_target.watermark()
    each_target.clock.advance(10 * MINUTE)
    with monkeypatch.context() as patch:
        unreachable(patch, "JUSHITA_MYSQL")
        with pytest.raises(DatabaseUnavailable, match="jushita_mysql"):
            each_target.run()
    [failed] = failures(each_target)
    assert (local(failed["window_from"]), local(failed["window_to"])) == (reached, each_target.clock.moment)
    assert "jushita_mysql" in failed["error"]
    assert exit_of(SYS_INFO) == 1
    each_target.clock.advance(5 * MINUTE)
    each_target.run()
    assert exit_of(SYS_INFO) == 0
    assert "(loaded since)" in CliRunner().invoke(retail, ["windows", SYS_INFO]).output


@pytest.fixture
def loaded(each_target) -> SysInfoRuns:
    each_target.fill(30, MONDAY_NOON - 3 * HOUR, MONDAY_NOON - HOUR)
    each_target.run()
    return each_target


def compare(runs: SysInfoRuns, context: dict[str, Any] | None = None, **params: Any) -> dict[str, Any]:
    params = {"days": None, "table": TRADE, "keys": None, **params}
    context = context or {**runs.context("scheduled"), "params": params}
    operator = ReconcileSysInfoOperator(task_id="reconcile", table=TRADE, instance=planned.instance())
    return operator.execute(context)


@pytest.mark.long
@pytest.mark.parametrize("kind", [KeyError, AirflowTaskTimeout], ids=["bug", "timeout"])
def test_a_comparison_that_is_ended_is_certified_for_what_it_compared(loaded, monkeypatch, kind):
    def failing(*_: Any) -> None:
        raise kind(BUYER)

    with monkeypatch.context() as patch:
        patch.setattr(sys_info_reconcile, "compare", failing)
        with pytest.raises(kind):
            compare(loaded)
    [failed] = failures(loaded)
    assert (failed["verdict"], failed["purpose"]) == ("failed", "reconcile")
    assert failed["error"] == f"{kind.__name__}: see the task's log"
    assert local(failed["window_to"]) == loaded.watermark()
    assert exit_of(SYS_INFO) == 1
    compare(loaded)
    assert exit_of(SYS_INFO) == 0


def test_a_comparison_whose_rds_does_not_answer_is_certified_for_all_since_the_watermark(loaded, monkeypatch):
    reached = loaded.watermark()
    with monkeypatch.context() as patch:
        unreachable(patch, "JUSHITA_MYSQL")
        with pytest.raises(DatabaseUnavailable, match="jushita_mysql"):
            compare(loaded)
    [failed] = failures(loaded)
    assert (failed["verdict"], failed["purpose"]) == ("failed", "reconcile")
    assert (local(failed["window_from"]), local(failed["window_to"])) == (reached, loaded.clock.moment)
    assert "jushita_mysql" in failed["error"]


@pytest.mark.long
@pytest.mark.parametrize("kind", [None, KeyError, AirflowTaskTimeout], ids=["rds", "bug", "timeout"])
def test_a_pull_that_fails_is_certified_and_its_next_try_makes_up_for_it(loaded, monkeypatch, kind):
    def failing(*_: Any) -> None:
        raise kind(BUYER)

    key = loaded.rows("SELECT MIN(tid) AS tid FROM taobao_trade")[0]["tid"]
    params = {"days": None, "table": TRADE, "keys": str(key)}
    context = {**loaded.context("manual"), "params": params}
    with monkeypatch.context() as patch:
        if kind:
            patch.setattr(SysInfoLoader, "pick", failing)
        else:
            unreachable(patch, "JUSHITA_MYSQL")
        with pytest.raises(kind or DatabaseUnavailable):
            compare(loaded, context)
    [failed] = failures(loaded)
    assert (failed["verdict"], failed["purpose"], failed["filters"]) == ("failed", "repair", "keys")
    assert failed["window_from"] == failed["window_to"]
    assert failed["error"] == f"{kind.__name__}: see the task's log" if kind else "2003" in failed["error"]
    assert exit_of(SYS_INFO) == 1
    loaded.clock.advance(MINUTE)
    assert compare(loaded, context)["loaded"] == 1
    assert exit_of(SYS_INFO) == 0


def test_a_plan_that_fails_for_a_reason_that_nobody_foresaw_holds_up_no_other_account(runs, monkeypatch):
    def failing(*_: Any, **__: Any) -> None:
        raise KeyError(BUYER)

    with monkeypatch.context() as patch:
        patch.setattr("retail_pipeline.orchestration.chunk_operators.due_windows", failing)
        context = runs.context()
        [chunk] = runs.plan(context)
        with pytest.raises(KeyError):
            runs.load(chunk, context)
    [failed] = failures(runs)
    assert failed["error"] == "KeyError: see the task's log"
    runs.load(chunk, context)
    assert runs.watermark() == MONDAY_NOON - MINUTE


def test_where_nothing_can_be_written_the_command_says_so_itself(runs, monkeypatch):
    unreachable(monkeypatch, "BI_MYSQL")
    with pytest.raises(DatabaseUnavailable, match="bi_mysql"):
        runs.run()
    result = CliRunner().invoke(retail, ["windows", AFTERSALES])
    assert result.exit_code == 1
    assert isinstance(result.exception, DatabaseUnavailable)

"""Whole runs of the load of sys_info and of its reconciliation by ``dag.test()``, on real databases, in real time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from typing import Any

import pytest
from airflow.dag_processing.dagbag import DagBag

from retail_pipeline import clock
from retail_pipeline.databases.target_session import change
from retail_pipeline.orchestration.dag_defaults import RECONCILE_PARAMS, SYS_INFO_PARAMS
from retail_pipeline.orchestration.sessions import open_target
from retail_pipeline.vendors.taobao.tables import FEED_TABLES
from sandbox.sys_info.tables import connect
from tests.conftest import SimulatedClock, server_url
from tests.jushita_sys_info.rds_tables import empty_both_sides
from tests.jushita_sys_info.runs import SysInfoRuns, differences

HOUR = timedelta(hours=1)
LOAD, RECONCILE = "jushita_sys_info_load", "jushita_sys_info_reconcile"
PLANS = ("plan_instances", "plan_warehouse")
Run = Callable[..., dict[str, str]]


@pytest.fixture
def world(warehouse, sandbox) -> Iterator[SysInfoRuns]:
    """A few rows of the last hours."""
    with (
        closing(connect(server_url("JUSHITA_OWNER_MYSQL_URL"))) as owner,
        open_target("warehouse_postgres") as session,
    ):
        empty_both_sides(owner, session)
        world = SysInfoRuns(SimulatedClock(), session, owner)
        now = clock.now()
        world.fill(40, now - 3 * HOUR, now - HOUR)
        yield world


@pytest.fixture
def run(bag: DagBag, world: SysInfoRuns) -> Run:
    """Run a DAG; returns the state of each task, the instance being one only."""

    def test(dag_id: str, **conf: Any) -> dict[str, str]:
        # dag.test() leaves the params of one run in the DAG for the next.
        params = SYS_INFO_PARAMS if dag_id == LOAD else RECONCILE_PARAMS
        result = bag.dags[dag_id].test(run_conf={**dict.fromkeys(params), **conf})
        return {ti.task_id: str(ti.state) for ti in result.get_task_instances()}

    return test


def test_every_table_is_planned_loaded_and_certified(run, world):
    states = run(LOAD)
    assert states == {f"{step}_{table}": "success" for table in FEED_TABLES for step in ("plan", "load")}
    assert differences(world) == []
    assert {row["verdict"] for row in world.certificates()} == {"complete"}


@pytest.mark.long
def test_one_table_without_its_index_holds_up_no_other(run, world):
    world.write("ALTER TABLE jdp_tb_item DROP INDEX ind_jdp_tb_item_jdp_modified")
    states = run(LOAD)
    assert {task for task, state in states.items() if state != "success"} == {"load_jdp_tb_item"}
    assert differences(world, only=FEED_TABLES.keys() - {"jdp_tb_item"}) == []


@pytest.mark.long
def test_the_night_finds_nothing_where_nothing_is_lost_and_mends_what_is(run, world):
    load_on_schedule(world)
    assert set(run(RECONCILE).values()) == {"success"}
    [lost] = world.rows("SELECT MIN(tid) AS tid FROM taobao_trade")
    change(world.target, f"DELETE FROM taobao_trade WHERE tid = {lost['tid']}")

    assert set(run(RECONCILE).values()) == {"success"}
    assert differences(world) == []
    repaired = [row["source_keys"] for row in world.certificates() if row["purpose"] == "repair"]
    assert repaired == [1]


def load_on_schedule(world: SysInfoRuns) -> None:
    for table in FEED_TABLES:
        world.run(table)


@pytest.mark.long
def test_single_rows_skip_the_other_tables(run, world):
    load_on_schedule(world)
    [row] = world.rows("SELECT MIN(tid) AS tid FROM taobao_trade")
    states = run(RECONCILE, table="jdp_tb_trade", keys=str(row["tid"]))
    done = {task for task, state in states.items() if state == "success"}
    assert done == {*PLANS, "reconcile_jdp_tb_trade", "check_lines", "check_order_ids"}
    assert {states[task] for task in states.keys() - done} == {"skipped"}


@pytest.mark.long
@pytest.mark.parametrize(
    ("change_to", "check"),
    [
        ("DELETE FROM taobao_trade WHERE tid = {tid}", "check_lines"),
        ("DELETE FROM taobao_order WHERE tid = {tid}", "check_lines"),
        (
            "UPDATE taobao_order SET oid = (SELECT MAX(oid) FROM taobao_order) WHERE oid = {oid}",
            "check_order_ids",
        ),
    ],
)
def test_lines_that_are_wrong_fail_their_check_and_no_other(run, world, change_to, check):
    load_on_schedule(world)
    [row] = world.rows("SELECT MIN(tid) AS tid, MIN(oid) AS oid FROM taobao_order")
    change(world.target, change_to.format(**row))
    states = run(RECONCILE, table="jdp_tb_item")
    assert [task for task, state in states.items() if state == "failed"] == [check]

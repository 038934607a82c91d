"""Whole runs of the aftersales load by ``dag.test()``, on a real database and the sandbox, in real time."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pymysql
import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.models.renderedtifields import RenderedTaskInstanceFields
from airflow.models.xcom import XComModel
from airflow.utils.session import create_session
from sqlalchemy import select

from retail_pipeline import clock
from retail_pipeline.business_time import SHANGHAI
from retail_pipeline.orchestration.dag_defaults import LOAD_PARAMS
from tests.conftest import SimulatedClock
from tests.sandbox_control import SandboxControl
from tests.wangdiantong_aftersales.runs import (
    DAG_ID,
    HEAD,
    QIMEN,
    AftersalesRuns,
    change_connection,
    differences,
)

HOUR = timedelta(hours=1)
CHECKS = {f"check_{name}" for name in ("row_counts", "freshness", "duplicates", "sums")}
Run = Callable[..., dict[tuple[str, str], str]]


@pytest.fixture
def world(sandbox: SandboxControl, bi: pymysql.Connection) -> AftersalesRuns:
    """A few orders of the last hours in both accounts."""
    world = AftersalesRuns(SimulatedClock(), sandbox, bi)
    now = clock.now()
    for account in ("flagship", "outlet"):
        world.fill(12, now - 3 * HOUR, now - HOUR, account)
    return world


@pytest.fixture
def run(bag: DagBag, world: AftersalesRuns) -> Run:
    """Run the DAG; returns the state of each task by (task, chunk or connection)."""

    def test(**conf: Any) -> dict[tuple[str, str], str]:
        # dag.test() leaves the params of one run in the DAG for the next.
        result = bag.dags[DAG_ID].test(run_conf={**dict.fromkeys(LOAD_PARAMS), **conf})
        return {
            (ti.task_id, str(ti.rendered_map_index or "")): str(ti.state)
            for ti in result.get_task_instances()
        }

    return test


def hours_ago(hours: float) -> str:
    return f"{clock.now().astimezone(SHANGHAI) - hours * HOUR:%Y-%m-%d %H:%M:%S}"


def last_hours() -> dict[str, str]:
    """One chunk for each account."""
    return {"window_from": hours_ago(4), "window_to": hours_ago(0.5)}


def states_of(states: dict[tuple[str, str], str], task: str) -> set[str]:
    return {state for (task_id, _), state in states.items() if task_id == task}


def test_everything_of_both_accounts_is_loaded_and_every_check_is_green(run, world):
    states = run()
    assert set(states.values()) == {"success"}
    assert {task for task, _ in states} == {"plan_targets", "plan_chunks", "load_chunk", *CHECKS}
    chunks = {name.split()[0] for task, name in states if task == "load_chunk"}
    assert chunks == {"flagship", "outlet"}
    assert {name for task, name in states if task in CHECKS} == {"bi_mysql"}
    assert differences(world) == []
    assert differences(world, "outlet", gone="", direct=True) == []
    assert {row["verdict"] for row in world.certificates()} == {"complete"}


def test_params_are_what_the_run_was_triggered_with(run, world):
    [wanted, *_] = world.orders()
    states = run(refund_no=wanted["refund_no"])
    assert set(states.values()) == {"success"}
    assert [row["refund_no"] for row in world.heads("refund_no")] == [wanted["refund_no"]]
    assert {row["purpose"] for row in world.certificates()} == {"manual"}


def test_a_param_that_is_wrong_fails_the_plan_at_once(run, world):
    states = run(window_from=hours_ago(1))
    assert states_of(states, "plan_chunks") == {"failed"}
    assert states_of(states, "load_chunk") == {"upstream_failed"}
    assert world.searches() == []


def test_one_accounts_failure_holds_up_neither_the_other_nor_the_checks(run, world, monkeypatch):
    change_connection(monkeypatch, "wangdiantong_outlet", password="wrong-secret:salt")
    states = run(**last_hours())
    chunks = {name.split()[0]: state for (task, name), state in states.items() if task == "load_chunk"}
    assert chunks == {"flagship": "success", "outlet": "failed"}
    assert {states_of(states, check).pop() for check in CHECKS} == {"success"}
    assert differences(world) == []


def test_a_fault_in_the_table_fails_its_check_and_no_other(run, world):
    world.rows(
        f"INSERT INTO {HEAD} (account, refund_id, refund_no, modified) VALUES"
        " ('flagship', 1, 'TK1', NOW()), ('flagship', 2, 'TK1', NOW())"
    )
    states = run(**last_hours())
    assert {task for task, _ in states if states_of(states, task) == {"failed"}} == {"check_duplicates"}


MARKS = {
    "receiver_name": "收件人标记甲",
    "receiver_telno": "13912345678000",
    "buyer_nick": "买家昵称标记",
    "remark": "备注标记丙",
}


@pytest.mark.long
def test_no_secret_and_no_buyer_in_what_a_full_run_leaves_behind(
    run, world, monkeypatch, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """At DEBUG, with records that are set aside, a throttle, an account that is refused."""
    stamp = int((clock.now() - 2 * HOUR).timestamp() * 1000)
    odd = [{}, {"shop_no": MARKS["buyer_nick"] * 9}, {"refund_no": ""}, {"status": 55}, {"created": "x"}]
    world.put(*({"refund_id": n, "modified": stamp, **MARKS, **fields} for n, fields in enumerate(odd, 1)))
    world.sandbox.fault(QIMEN, "throttle", times=1)
    change_connection(monkeypatch, "wangdiantong_outlet", password="wrong-secret:salt-of-outlet")
    with caplog.at_level(logging.DEBUG):
        states = run(**last_hours())
    assert list(states.values()).count("failed") == 1
    assert [row["source_key"] for row in world.quarantine()] == ["3"]
    flags = {
        row["refund_id"]: row["quality_flags"] for row in world.heads("refund_id, quality_flags, account")
    }
    assert [number for number in (1, 2, 4, 5) if "value_unfit" in (flags[number] or "")] == [2, 5]
    output = capfd.readouterr()
    text = caplog.text + output.out + output.err + _kept_by_airflow()
    assert "load_chunk" in text
    assert [mark for mark in (*MARKS.values(), *_secrets(world.sandbox)) if mark in text] == []


def _kept_by_airflow() -> str:
    """Everything in the metadata database that a task may write: XCom, rendered templates."""
    with create_session() as session:
        kept = [
            *session.scalars(select(XComModel.value).where(XComModel.dag_id == DAG_ID)),
            *session.scalars(
                select(RenderedTaskInstanceFields.rendered_fields).where(
                    RenderedTaskInstanceFields.dag_id == DAG_ID
                )
            ),
        ]
    assert len(kept) > 3
    return json.dumps(kept, default=str, ensure_ascii=False)


def _secrets(sandbox: SandboxControl) -> list[str]:
    found = ["wrong-secret", "salt-of-outlet"]
    for account in sandbox.ask("credentials")["wangdiantong"]:
        found += [*account["appsecret"].split(":"), account["qimen_app_secret"]]
    assert all(len(secret) > 9 for secret in found)
    assert any(found[2] in value for value in os.environ.values())
    return found

"""Which chunks of a sys_info table a run is about, as far as no server must be asked."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from airflow.sdk.exceptions import AirflowFailException

from retail_pipeline.business_time import SHANGHAI
from retail_pipeline.errors import DatabaseUnavailable
from retail_pipeline.orchestration.plan_operators import PlanInstancesOperator
from retail_pipeline.pipelines.jushita_sys_info.operators import (
    PlanSysInfoOperator,
    SysInfoToWarehouseOperator,
)
from retail_pipeline.vendors.taobao.tables import TB_ITEM, TB_TRADE
from tests.plain_fixtures import SETTINGS
from tests.planned import instance
from tests.run_contexts import TEN, context

TRADE = TB_TRADE.name
NOBODY = {"conn_type": "mysql", "host": "127.0.0.1", "port": 1, "login": "reader", "schema": "sys_info"}
WEEKEND = {"window_from": "2026-11-21 00:00:00", "window_to": "2026-11-22 06:00:00"}
Part = dict[str, Any]


@pytest.fixture(autouse=True)
def unreachable(define_connection, set_clock) -> None:
    define_connection("jushita_mysql", **NOBODY)
    define_connection("warehouse_postgres", **{**NOBODY, "conn_type": "postgres"})
    set_clock(TEN)


def write(path: Path, *instances: Part, **jushita: Any) -> None:
    content = {**yaml.safe_load(SETTINGS), "jushita": {"instances": list(instances), **jushita}}
    content["loads"] = {"jushita_sys_info": {"chunk_hours": 12}}
    path.write_text(yaml.safe_dump(content), encoding="utf-8")


def asked(**changes: Any) -> Part:
    found = context(dag_id="jushita_sys_info_load", **changes)
    found["dag_run"].run_id = "this run"
    return found


def plan(table: str = TRADE, **changes: Any) -> list[Part]:
    return PlanSysInfoOperator(task_id="plan", table=table).execute(asked(**changes))


def at(text: str) -> str:
    return datetime.fromisoformat(f"2026-11-{text}:00").replace(tzinfo=SHANGHAI).isoformat()


def test_a_window_that_is_asked_for_is_cut_into_chunks_of_every_instance(settings_file):
    write(settings_file, {"name": "one"}, {"name": "two"})
    chunks = plan(run_type="manual", **WEEKEND)

    cuts = [("21 00:00", "21 12:00"), ("21 12:00", "22 00:00"), ("22 00:00", "22 06:00")]
    assert [(chunk["instance"]["name"], chunk["window_from"], chunk["window_to"]) for chunk in chunks] == [
        (instance, at(start), at(end)) for instance in ("one", "two") for start, end in cuts
    ]
    assert {(chunk["table"], chunk["planned_at"]) for chunk in chunks} == {(TRADE, TEN.isoformat())}
    assert [chunk["shown"] for chunk in chunks[:2]] == ["one 11-21 00:00", "one 11-21 12:00"]


def test_a_backfills_window_is_that_of_its_date(settings_file):
    write(settings_file, {"name": "one"})
    [chunk] = plan(run_type="backfill", logical_date=TEN)

    assert (chunk["window_from"], chunk["window_to"]) == (
        (TEN - timedelta(minutes=5)).isoformat(),
        TEN.isoformat(),
    )


def test_an_instance_that_is_not_pushed_the_table_has_no_part_in_it(settings_file):
    write(settings_file, {"name": "one", "tables": [TB_ITEM.name]}, {"name": "two"})

    assert {chunk["instance"]["name"] for chunk in plan(run_type="manual", **WEEKEND)} == {"two"}
    assert {chunk["instance"]["name"] for chunk in plan(TB_ITEM.name, run_type="manual", **WEEKEND)} == {
        "one",
        "two",
    }


def test_an_instance_that_cannot_be_asked_gets_a_part_that_plans_for_itself(settings_file):
    write(settings_file, {"name": "one"}, {"name": "two"})
    chunks = plan()

    assert chunks == [
        {"instance": instance(name), "table": TRADE, "planned_at": TEN.isoformat(), "shown": name}
        for name in ("one", "two")
    ]


def test_such_a_part_asks_again_and_fails_as_one_that_may_be_tried_again(settings_file):
    write(settings_file, {"name": "one"})
    [chunk] = plan()

    with pytest.raises(DatabaseUnavailable, match="jushita_mysql"):
        SysInfoToWarehouseOperator(task_id="load", chunk=chunk).execute(asked())


@pytest.mark.parametrize(
    ("params", "word"),
    [
        ({"window_from": "2026-11-21 00:00:00"}, "window_to is empty"),
        ({"window_from": "yesterday", "window_to": "today"}, "is no time"),
        ({"window_from": "2026-11-22 00:00:00", "window_to": "2026-11-22 00:00:00"}, "not before window_to"),
    ],
)
def test_a_window_that_is_none_fails_at_once(settings_file, params, word):
    write(settings_file, {"name": "one"})

    with pytest.raises(AirflowFailException, match=word):
        plan(run_type="manual", **params)


def test_settings_without_a_data_push_fail_at_once(settings_file):
    with pytest.raises(AirflowFailException, match="no section jushita"):
        plan()
    with pytest.raises(AirflowFailException, match="no section jushita"):
        PlanInstancesOperator(task_id="plan").execute(asked())


def test_a_part_goes_on_being_what_it_was_when_the_settings_name_its_instance_no_more(settings_file, caplog):
    write(settings_file, {"name": "one", "conn_id": "jushita_mysql"})
    [chunk] = plan()
    write(settings_file, {"name": "two", "conn_id": "another_mysql"})

    with pytest.raises(DatabaseUnavailable, match="jushita_mysql"):
        SysInfoToWarehouseOperator(task_id="load", chunk=chunk).execute(asked())
    assert "one: the settings have changed since this run began" in caplog.text
    old = {**chunk, "instance": {"name": "one", "rds": "one"}}
    with pytest.raises(AirflowFailException, match="another version"):
        SysInfoToWarehouseOperator(task_id="load", chunk=old).execute(asked())


def test_a_plan_that_is_made_again_is_for_the_instances_of_the_first(settings_file):
    write(settings_file, {"name": "one"}, {"name": "two"})
    again = asked(run_type="manual", **WEEKEND)
    operator = PlanSysInfoOperator(task_id="plan", table=TRADE)
    first = operator.execute(again)
    write(settings_file, {"name": "new"}, {"name": "two", "conn_id": "another_mysql"})
    second = operator.execute(again)

    assert [chunk["shown"] for chunk in second] == [chunk["shown"] for chunk in first]
    assert {chunk["instance"]["name"]: chunk["instance"]["conn_id"] for chunk in second} == {
        "one": "jushita_mysql",
        "two": "another_mysql",
    }

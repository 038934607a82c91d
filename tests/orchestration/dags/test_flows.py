"""What docs/flows.yaml, the UI and the settings say of the DAGs is what these are."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from airflow.dag_processing.dagbag import DagBag

from devstack.flows import Flow, flows
from retail_pipeline.settings.file import DEFAULT_PATH
from tests.dag_bag import DAGS

FLOWS = pytest.mark.parametrize("flow", flows(), ids=lambda flow: flow.dag)


@FLOWS
def test_the_schedule_that_is_told_is_the_dags(bag: DagBag, flow: Flow):
    timetable = bag.dags[flow.dag].timetable
    each = getattr(timetable, "timetables", [timetable])

    assert [one.expression for one in each] == flow.crons()
    assert {str(one.timezone) for one in each} == {"Asia/Shanghai"}


@FLOWS
def test_every_dag_says_in_a_sentence_what_it_does(bag: DagBag, flow: Flow):
    assert re.fullmatch(r"[A-Z].{20,100}\.", bag.dags[flow.dag].description or "")


def test_the_settings_name_the_owner_of_every_task(
    bag: DagBag, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    shipped = DEFAULT_PATH.read_text(encoding="utf-8")
    (tmp_path / "retail.yaml").write_text(
        shipped.replace("owner: retail", "owner: data-team"), encoding="utf-8"
    )
    monkeypatch.setenv("RETAIL_CONFIG", str(tmp_path / "retail.yaml"))

    theirs = DagBag(DAGS).dags

    assert {task.owner for dag in theirs.values() for task in dag.tasks} == {"data-team"}
    assert {task.owner for dag in bag.dags.values() for task in dag.tasks} == {"retail"}


def test_settings_that_cannot_be_read_take_no_monitor_with_them(
    bag: DagBag, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "retail.yaml").write_text("owner: [", encoding="utf-8")
    monkeypatch.setenv("RETAIL_CONFIG", str(tmp_path / "retail.yaml"))

    left = DagBag(DAGS).dags

    assert {"etl_alert_send", "etl_load_monitor", "youshu_order_push"} <= left.keys()

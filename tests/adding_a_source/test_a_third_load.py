"""The load that docs/adding-a-source.md shows, dropped among the pipelines: it needs no line elsewhere."""

from __future__ import annotations

import itertools
import json
import os
import runpy
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from airflow.sdk.exceptions import AirflowFailException
from click.testing import CliRunner

from retail_pipeline import pipelines
from retail_pipeline.cli.main import retail
from retail_pipeline.databases.target_session import query_text
from retail_pipeline.errors import ConfigError, WindowIncomplete
from retail_pipeline.monitors.loads.watch import look_into, watched_loads
from retail_pipeline.orchestration.further_loads import PagesToTargetOperator, PlanAccountsOperator
from retail_pipeline.orchestration.load_description import described_loads
from retail_pipeline.settings.file import DEFAULT_PATH, load_settings
from retail_pipeline.tables.target_tables import ensure_tables
from tests.adding_a_source.till import TOKEN, Till, open_till
from tests.planned import StateStore
from tests.windows.load_runs import MONDAY_NOON
from tests.windows.spoilt_tables import spoiling

HERE = Path(__file__).parent
LOAD = "till_receipts"
TARGETS = ("warehouse_postgres", "bi_mysql")


@dataclass
class Receipts:
    """The till, and the database that its receipts go to."""

    till: Till
    target: Any
    numbers: itertools.count[int] = field(default_factory=itertools.count)

    def run(self) -> int:
        """Plan and load as the DAG does; return how many chunks were complete."""
        dag_run = SimpleNamespace(
            dag_id=f"{LOAD}_load", run_id=f"scheduled__{next(self.numbers)}", run_type="scheduled"
        )
        context: Any = {"dag_run": dag_run, "params": {}, "task_state_store": StateStore()}
        chunks = PlanAccountsOperator(task_id="plan_chunks", pipeline=LOAD).execute(context)
        load = [PagesToTargetOperator(task_id="load_chunk", pipeline=LOAD, chunk=chunk) for chunk in chunks]
        return sum(each.execute(context)["windows"] for each in load)

    def rows(self, sql: str) -> list[dict[str, Any]]:
        return query_text(self.target, sql)


def call(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(retail, list(arguments))
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output


@pytest.fixture(params=TARGETS)
def receipts(request, simulated_clock, bi, tmp_path, monkeypatch) -> Iterator[Receipts]:
    monkeypatch.setattr(pipelines, "__path__", [*pipelines.__path__, str(HERE)])
    target = bi if request.param == "bi_mysql" else request.getfixturevalue("warehouse")
    content = yaml.safe_load(DEFAULT_PATH.read_text(encoding="utf-8"))
    account = {
        "name": "nanjing",
        "conn_id": "till",
        "target_conn_id": request.param,
        "load_from": "2026-11-22",
    }
    content["further_loads"] = {LOAD: {"accounts": [account], "page_size": 3}}
    path = tmp_path / "retail.yaml"
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    monkeypatch.setenv("RETAIL_CONFIG", str(path))
    simulated_clock.set(MONDAY_NOON)
    from retail_pipeline.pipelines.till_receipts.description import FAMILY

    ensure_tables(target, FAMILY)
    query_text(target, "DELETE FROM till_receipt")
    with open_till() as till:
        connection = {"conn_type": "http", "host": "127.0.0.1", "port": till.port, "password": TOKEN}
        monkeypatch.setenv("AIRFLOW_CONN_TILL", json.dumps(connection))
        yield Receipts(till, target)


def test_receipts_arrive_with_a_certificate_that_the_commands_show(receipts):
    for number in range(20):
        receipts.till.sell(f"R-{number:03}", f"2026-11-23 0{number % 9}:00:00", remark="new field")
    assert receipts.run() == 2
    rows = receipts.rows("SELECT receipt_no, amount, extra FROM till_receipt ORDER BY receipt_no")
    assert [row["receipt_no"] for row in rows] == [f"R-{number:03}" for number in range(20)]
    assert {row["amount"] for row in rows} == {Decimal("12.5")}
    assert {json.dumps(row["extra"]).count("new field") for row in rows} == {1}
    code, output = call("windows", LOAD)
    assert code == 0, output
    assert "complete" in output
    assert "✔ same" in output
    assert "watermark of nanjing: 2026-11-23 11:59:00" in output
    receipts.till.sell("R-003", "2026-11-23 11:58:30", amount=99)
    assert receipts.run() == 0  # the window is still the same


def test_keys_that_differ_in_case_or_accents_only_are_two(receipts):
    keys = ["R-1a", "R-1A", "r-1a", "R-1á"]
    for key in keys:
        receipts.till.sell(key, "2026-11-23 08:00:00", amount=len(receipts.till.receipts))
    receipts.run()
    assert sorted(
        row["receipt_no"] for row in receipts.rows("SELECT receipt_no FROM till_receipt")
    ) == sorted(keys)


def test_one_that_cannot_be_used_is_set_aside_shown_and_replayed(receipts):
    receipts.rows("ALTER TABLE till_receipt ADD CONSTRAINT no_bad_shop CHECK (shop <> 'bad')")
    receipts.till.sell("R-1", "2026-11-23 08:00:00")
    receipts.till.sell("R-2", "2026-11-23 08:00:00", shop="x" * 41)
    receipts.till.sell("R-3", "2026-11-23 08:00:00", shop="bad")
    try:
        receipts.run()
        assert [row["receipt_no"] for row in receipts.rows("SELECT receipt_no FROM till_receipt")] == ["R-1"]
        code, output = call("quarantine", "list", "--pipeline", LOAD)
        assert code == 1
        numbers = {line.split()[2]: line.split()[0] for line in output.splitlines()[1:-1]}
        assert numbers.keys() == {"R-2", "R-3"}
        assert "text_too_long: shop holds 40 characters" in output
        told = call("quarantine", "replay", numbers["R-2"], numbers["R-3"], "--pipeline", LOAD)[1]
        assert told.count("still cannot be used") == 2
    finally:
        receipts.rows("ALTER TABLE till_receipt DROP CONSTRAINT no_bad_shop")
    assert ": loaded" in call("quarantine", "replay", numbers["R-3"], "--pipeline", LOAD)[1]
    assert len(receipts.rows("SELECT receipt_no FROM till_receipt")) == 2


def test_the_check_asks_the_till_and_names_a_wrong_token(receipts, monkeypatch):
    assert ["ok", "till"] in [line.split()[:2] for line in call("check")[1].splitlines()]
    connection = {"conn_type": "http", "host": "127.0.0.1", "port": receipts.till.port, "password": "wrong"}
    monkeypatch.setenv("AIRFLOW_CONN_TILL", json.dumps(connection))
    [line] = [line for line in call("check")[1].splitlines() if line.split()[:2] == ["FAIL", "till"]]
    assert "401" in line
    with pytest.raises(AirflowFailException, match="401"):
        receipts.run()
    assert "failed" in call("windows", LOAD)[1]


def test_it_is_watched(receipts, simulated_clock):
    receipts.till.sell("R-1", "2026-11-23 08:00:00")
    receipts.run()
    settings = load_settings()
    [load] = [each for each in watched_loads(settings) if each.pipeline == LOAD]
    assert [finding.what for finding in look_into(load, settings) if finding.kind] == []
    simulated_clock.advance(timedelta(hours=3))
    assert [finding for finding in look_into(load, settings) if finding.kind]


def test_its_dag_plans_and_loads(receipts):
    plan = runpy.run_path(str(HERE / f"{LOAD}_load.py"))["plan"]
    assert (plan.dag.dag_id, sorted(plan.dag.task_ids)) == (f"{LOAD}_load", ["load_chunk", "plan_chunks"])
    assert plan.downstream_task_ids == {"load_chunk"}


@pytest.mark.parametrize("arguments", [("check",), ("schema", "apply"), ("schema", "status")])
def test_a_name_that_no_pipeline_describes_is_an_error_of_the_settings(receipts, arguments):
    path = Path(os.environ["RETAIL_CONFIG"])
    path.write_text(path.read_text(encoding="utf-8").replace(LOAD, "till_receits"), encoding="utf-8")
    with pytest.raises(ConfigError, match=r"'till_receits' is not known; did you mean 'till_receipts'\?"):
        retail.main(arguments, standalone_mode=False)
    with pytest.raises(ConfigError, match=r"has no further_loads\.till_receipts"):
        runpy.run_path(str(HERE / f"{LOAD}_load.py"))


def test_its_tables_are_made_by_the_schema_command(receipts, store, warehouse):
    assert "till_receipt: 0 columns added or changed" in call("schema", "apply")[1]


def test_an_amount_that_a_trigger_changes_is_no_complete_window(receipts):
    receipts.till.sell("R-1", "2026-11-23 08:00:00")
    changed = spoiling(receipts.target, "till_receipt", "amount", "NEW.amount + 0.0001")
    with changed, pytest.raises(WindowIncomplete, match="values differ"):
        receipts.run()
    assert receipts.rows("SELECT * FROM till_receipt") == []
    assert "✘" in call("windows", LOAD)[1]


def test_two_loads_of_one_name_are_refused(receipts, monkeypatch, tmp_path):
    shutil.copytree(HERE / LOAD, tmp_path / "flows" / "copied")
    monkeypatch.setattr(pipelines, "__path__", [*pipelines.__path__, str(tmp_path / "flows")])
    with pytest.raises(ConfigError, match="two pipelines describe the load till_receipts"):
        described_loads()


def test_the_name_of_a_load_of_the_project_is_refused(receipts):
    path = Path(os.environ["RETAIL_CONFIG"])
    path.write_text(path.read_text(encoding="utf-8").replace(LOAD, "jushita_sys_info"), encoding="utf-8")
    with pytest.raises(ConfigError, match="jushita_sys_info is a load of the project"):
        load_settings()

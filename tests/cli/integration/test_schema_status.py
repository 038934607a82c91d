"""`retail schema status`, the phases of `retail schema apply`, and what `retail check` says of what is pending."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner, Result

from retail_pipeline.cli.main import retail
from retail_pipeline.cli.schema_places import lacks
from retail_pipeline.databases import migrations
from retail_pipeline.databases.migrations import Migration
from retail_pipeline.settings.file import load_settings

FORGET = "DELETE FROM etl_schema_migration WHERE name = '070_etl_call_budget'"


def call(*command: str) -> Result:
    result = CliRunner().invoke(retail, ["schema", *command])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


@pytest.fixture(autouse=True)
def _applied(store, warehouse, bi):
    """Complete the described tables, too."""
    assert call("apply").exit_code == 0


@pytest.fixture
def later(monkeypatch):
    """A version with one more file, due after a deployment."""
    real = migrations.migrations_in
    one_more = [Migration("900_later.after", "SELECT 1")]
    monkeypatch.setattr(migrations, "migrations_in", lambda folder: [*real(folder), *one_more])


def test_every_file_is_listed_by_connection_and_schema():
    result = call("status")
    assert result.exit_code == 0
    lines = [line.split() for line in result.stdout.splitlines()[1:]]
    assert {line[4] for line in lines} == {"applied"}
    assert {(line[0], line[1]) for line in lines} == {
        ("warehouse_postgres", "warehouse"), ("warehouse_postgres", "target"),
        ("bi_mysql", "target"), ("store_postgres", "store"),
    }  # fmt: skip
    rows = json.loads(call("status", "--json").stdout)
    assert len(rows) == len(lines)
    assert {row["at"][-6:] for row in rows} == {"+08:00"}


def test_what_is_pending_ends_with_1(warehouse):
    warehouse.execute(FORGET)
    result = call("status")
    assert result.exit_code == 1
    [line] = [line for line in result.output.splitlines() if "pending" in line]
    assert line.split() == ["warehouse_postgres", "target", "070_etl_call_budget", "before", "pending"]


def test_a_described_table_that_lacks_a_column_is_pending(warehouse):
    warehouse.execute("ALTER TABLE taobao_trade DROP COLUMN line_count")
    [line] = [line for line in call("status").output.splitlines() if "pending" in line]
    assert line.split()[2] == "taobao_trade"
    assert call("apply").exit_code == call("status").exit_code == 0


@pytest.mark.usefixtures("later")
def test_the_phases_of_apply(warehouse):
    assert "900_later" not in call("apply", "--phase", "before").output
    assert call("status").exit_code == 1
    output = call("apply", "--phase", "after").output
    assert output.count("900_later.after.sql") == 4
    assert "columns added" not in output
    assert "_view.sql" not in output
    assert call("status").exit_code == 0


def test_check_fails_where_the_code_needs_what_is_pending(warehouse):
    settings = load_settings()
    assert lacks("warehouse_postgres", settings) == (True, "")
    warehouse.execute(FORGET)
    told = "schema: 070_etl_call_budget is pending: look at `retail schema status`"
    assert lacks("warehouse_postgres", settings) == (False, told)
    assert lacks("store_postgres", settings) == lacks("youshu_default", settings) == (True, "")
    checked = CliRunner().invoke(retail, ["check"])
    [line] = [line for line in checked.output.splitlines() if told in line]
    assert line.split()[:2] == ["FAIL", "warehouse_postgres"]


@pytest.mark.usefixtures("later")
def test_check_only_tells_what_is_due_after_the_deployment():
    enough, told = lacks("store_postgres", load_settings())
    assert enough
    assert told == "schema: 900_later.after is pending: look at `retail schema status`"

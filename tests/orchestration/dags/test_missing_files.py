"""A DAG whose SQL or settings are not there says so when its file is read, and not when its task runs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT

READ = """
import json, sys
from airflow.dag_processing.dagbag import BundleDagBag
bag = BundleDagBag(dag_folder=sys.argv[1], bundle_path=sys.argv[1], bundle_name="dags-folder")
print(json.dumps({"dags": sorted(bag.dag_ids), "errors": bag.import_errors}))
"""
DAGS = sorted(path.stem for path in (ROOT / "dags").glob("*.py"))
PARTS = ("include/config", "include/sql")


@pytest.fixture
def mounted(tmp_path: Path) -> Path:
    """``plugins/`` and ``dags/`` as somebody mounts them who forgets what lies beside."""
    for name in ("plugins", "dags"):
        (tmp_path / name).mkdir()
    (tmp_path / "plugins" / "retail_pipeline").mkdir()
    for name in ("plugins/retail_pipeline", "dags"):
        for each in (ROOT / name).iterdir():
            (tmp_path / name / each.name).symlink_to(each)
    return tmp_path


def read(mounted: Path, **variables: str) -> dict:
    """Return the DAGs that Airflow finds, and what it says of the files that it cannot import."""
    env = {**os.environ, "PYTHONPATH": str(mounted / "plugins"), **variables}
    done = subprocess.run(
        [sys.executable, "-c", READ, str(mounted / "dags")],
        env=env, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return json.loads(done.stdout.splitlines()[-1])


def refusals(found: dict) -> dict[str, str]:
    """Return the last line of what Airflow says of each file, by the DAG that it would make."""
    assert found["dags"] == []
    return {Path(file).stem: said.strip().splitlines()[-1] for file, said in found["errors"].items()}


@pytest.mark.parametrize("there", [[], *(pytest.param([it], marks=pytest.mark.long) for it in PARTS)])
def test_without_sql_or_settings_no_dag_can_be_imported(mounted: Path, there: list[str]) -> None:
    for folder in there:
        (mounted / folder).mkdir(parents=True)
    refused = refusals(read(mounted))

    assert sorted(refused) == DAGS
    assert all(
        "install the wheel of retail_pipeline, or put include/ beside" in it for it in refused.values()
    )


def test_without_sql_the_command_line_says_so_in_one_line(mounted: Path) -> None:
    env = {**os.environ, "PYTHONPATH": str(mounted / "plugins")}
    done = subprocess.run(
        [sys.executable, "-c", "from retail_pipeline.cli.start import main; main()"],
        env=env, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert (done.returncode, done.stdout) == (1, "")
    [told] = done.stderr.splitlines()
    assert told.startswith(f"retail: there is neither {mounted}/plugins/retail_pipeline/include")


def test_where_retail_config_leads_nowhere_no_dag_can_be_imported(mounted: Path) -> None:
    (mounted / "include").symlink_to(ROOT / "include")
    refused = refusals(read(mounted, RETAIL_CONFIG="/nowhere/retail.yaml"))

    assert sorted(refused) == DAGS
    assert all("settings file /nowhere/retail.yaml: No such file" in it for it in refused.values())


def test_monitors_outlive_a_file_that_is_refused(mounted: Path) -> None:
    (mounted / "include").symlink_to(ROOT / "include")
    (mounted / "retail.yaml").write_text("shops: none")
    found = read(mounted, RETAIL_CONFIG=str(mounted / "retail.yaml"))

    assert {"etl_alert_send", "etl_load_monitor"} <= set(found["dags"])

"""The import contracts of pyproject.toml: kept by the tree, and broken by a bad sample each."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT, files

CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
    "contracts"
]
LINTER = Path(sys.executable).with_name("lint-imports")


def lint(tree: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Check a tree; its own packages win over those that are installed."""
    env = {**os.environ, "PYTHONPATH": f"{tree / 'plugins'}{os.pathsep}{tree}"}
    return subprocess.run(
        [LINTER, "--no-logo", "--no-cache", *arguments],
        cwd=tree,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_tree_keeps_every_contract():
    done = lint(ROOT)

    assert done.returncode == 0, done.stdout
    assert f"{len(CONTRACTS)} kept, 0 broken" in done.stdout


@pytest.fixture
def copy(tmp_path) -> Path:
    """A copy of what the contracts speak of."""
    leave_out = shutil.ignore_patterns("__pycache__", "*.egg-info")
    for folder in ("plugins", "sandbox"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=leave_out)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


PACKAGE = "plugins/retail_pipeline"
BAD = [
    ("house", "vendors/youshu/hook.py", "retail_pipeline.pipelines.daily_reports.rows"),
    ("house", "pipelines/daily_reports/rows.py", "retail_pipeline.cli.main"),
    ("house", "pipelines/daily_reports/rows.py", "retail_pipeline.monitors.loads.watch"),
    ("house", "orchestration/sessions.py", "retail_pipeline.pipelines.order_push.outbox"),
    ("house", "alerts/once.py", "retail_pipeline.deadlines.watch"),
    ("house", "windows/ledger.py", "retail_pipeline.alerts.once"),
    ("house", "databases/statements.py", "retail_pipeline.tables.stage"),
    ("house", "errors.py", "retail_pipeline.clock"),
    ("pipelines", "pipelines/order_push/outbox.py", "retail_pipeline.pipelines.daily_reports.rows"),
    ("vendors", "vendors/wechat/hook.py", "retail_pipeline.vendors.youshu.client"),
    ("engines", "alerts/once.py", "retail_pipeline.vendors.youshu.hook"),
    ("engines", "windows/ledger.py", "airflow.sdk"),
    ("engines", "deadlines/due_times.py", "retail_pipeline.orchestration.report_runs, airflow"),
    ("engines", "databases/postgres_session.py", "airflow.sdk"),
    ("orchestration", "orchestration/connection_checks.py", "retail_pipeline.vendors.wechat.hook"),
    ("vendor-files", "vendors/youshu/signing.py", "retail_pipeline.vendors.youshu.client"),
    ("vendor-files", "vendors/youshu/client.py", "retail_pipeline.vendors.youshu.hook"),
    ("plain-python", "vendors/wechat/client.py", "airflow.sdk"),
    ("plain-python", "vendors/transport.py", "retail_pipeline.orchestration.sessions, airflow"),
    ("production", "vendors/youshu/client.py", "sandbox.youshu.gate"),
    ("sandbox", "sandbox/youshu/gate.py", "retail_pipeline.vendors.youshu.signing"),
    ("sandbox", "sandbox/world.py", "airflow.sdk"),
]


@pytest.mark.parametrize(("contract", "path", "imported"), BAD, ids=lambda part: part.split("/")[-1])
def test_a_wrong_import_breaks_its_contract(copy, contract, path, imported):
    file = copy / (path if contract == "sandbox" else f"{PACKAGE}/{path}")
    file.write_text(f"{file.read_text(encoding='utf-8')}\nimport {imported}\n", encoding="utf-8")

    done = lint(copy, "--contract", contract)

    assert done.returncode == 1, done.stdout + done.stderr
    assert "0 kept, 1 broken" in done.stdout


def test_every_contract_has_a_bad_sample():
    assert {contract for contract, *_ in BAD} == {contract["id"] for contract in CONTRACTS}


def test_every_vendor_is_in_the_contracts():
    vendors = {
        f"retail_pipeline.vendors.{path.parent.name}" for path in files("plugins") if path.name == "client.py"
    }
    named = {contract["id"]: contract for contract in CONTRACTS}

    assert set(named["vendors"]["modules"]) == vendors
    assert set(named["vendor-files"]["containers"]) == vendors
    for contract in ("engines", "orchestration"):
        assert set(named[contract]["forbidden_modules"]) - {"airflow"} == vendors


def test_only_three_modules_are_at_the_root():
    root = {path.stem for path in (ROOT / PACKAGE).glob("*.py")}
    assert root == {"__init__", "business_time", "clock", "errors"}

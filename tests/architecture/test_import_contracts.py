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


BAD = [
    ("systems", "plugins/retail_pipeline/wechat/hook.py", "retail_pipeline.youshu.client"),
    ("systems", "plugins/retail_pipeline/wechat/client.py", "retail_pipeline.transfers.store_to_youshu"),
    ("layers", "plugins/retail_pipeline/youshu/hook.py", "retail_pipeline.transfers"),
    ("layers", "plugins/retail_pipeline/transfers/wechat_to_store.py", "retail_pipeline.dag_defaults"),
    ("notify", "plugins/retail_pipeline/notify/ringing.py", "retail_pipeline.youshu.hook"),
    ("system-files", "plugins/retail_pipeline/youshu/signing.py", "retail_pipeline.youshu.client"),
    ("system-files", "plugins/retail_pipeline/youshu/client.py", "retail_pipeline.youshu.hook"),
    ("plain-python", "plugins/retail_pipeline/wechat/client.py", "airflow.sdk"),
    ("plain-python", "plugins/retail_pipeline/deadlines.py", "retail_pipeline.report_runs, airflow"),
    ("plain-python", "plugins/retail_pipeline/transport.py", "retail_pipeline.postgres_session"),
    ("sandbox", "sandbox/youshu/gate.py", "retail_pipeline.youshu.signing"),
    ("sandbox", "sandbox/world.py", "airflow.sdk"),
    ("production", "plugins/retail_pipeline/youshu/client.py", "sandbox.youshu.gate"),
]


@pytest.mark.parametrize(("contract", "path", "imported"), BAD, ids=lambda part: part.split("/")[-1])
def test_a_wrong_import_breaks_its_contract(copy, contract, path, imported):
    file = copy / path
    file.write_text(f"{file.read_text(encoding='utf-8')}\nimport {imported}\n", encoding="utf-8")

    done = lint(copy, "--contract", contract)

    assert done.returncode == 1, done.stdout + done.stderr
    assert "0 kept, 1 broken" in done.stdout


def test_every_contract_has_a_bad_sample():
    assert {contract for contract, *_ in BAD} == {contract["id"] for contract in CONTRACTS}


def test_every_system_is_in_the_contracts():
    systems = {f"retail_pipeline.{path.parent.name}" for path in files("plugins") if path.name == "client.py"}
    named = {contract["id"]: contract for contract in CONTRACTS}

    assert set(named["systems"]["modules"]) == systems
    assert set(named["system-files"]["containers"]) == systems
    assert set(named["notify"]["forbidden_modules"]) == systems
    assert {f"retail_pipeline.{name}" for name in named["layers"]["layers"][-1].split(" | ")} == systems

"""The lines of docs/existing-airflow.md, typed by somebody who has an Airflow 3.3.2 as it comes, and not our lock."""
# ruff: noqa: F401 (fixtures of another file, which are used by themselves)

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from devstack.install import UV
from devstack.steps import LOCAL, ROOT
from tests.architecture.test_plugin_loader import load, sources
from tests.cli.contract.test_retail_check import _vendors, rds
from tests.conftest import SQL, empty_database, server_url
from tests.devstack.local_index import brought_by, pack

SHOP_TABLES = SQL.parents[1] / "sandbox" / "shop_tables.sql"
DAGS = sorted(path.stem for path in (ROOT / "dags").glob("*.py"))
OTHER_VIEWS = ["store_postgres.youshu_order_push", "store_postgres.youshu_return_push"]
# What is asked at the end, by an Airflow with the variables of the document.
MORE = [
    "airflow dags reserialize --bundle-name retail >&2; airflow dags list --output json",
    "airflow dags list-import-errors --output json",
    "airflow providers list --output json",
]
pytestmark = pytest.mark.long


def lines() -> list[str]:
    """Return what the document says to type."""
    [block] = re.findall(r"^```\n(.*?)^```", (ROOT / "docs" / "existing-airflow.md").read_text(), re.M | re.S)
    return block.splitlines()


@dataclass(frozen=True)
class Newcomer:
    """Somebody at a shell, in an environment of Airflow and in a checkout; the connections are there."""

    home: Path
    variables: dict[str, str]

    def types(self, *lines: str, status: int = 0, **variables: str) -> str:
        """Return what is printed; the last line ends with this exit status, and the others with 0."""
        connections = {name: it for name, it in os.environ.items() if name.startswith("AIRFLOW_CONN_")}
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", "\n".join(lines)],
            cwd=self.home / "checkout",
            env=self.variables | connections | variables,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == status, done.stdout + done.stderr
        return done.stdout

    def plugins(self) -> list[str]:
        """Return whence our plugin comes where this checkout's folder of plugins is mounted, too."""
        folder = self.home / "checkout" / "plugins"
        python = self.home / "venv" / "bin" / "python"
        return sources(load(folder, self.home / "airflow", python, self.variables))


@pytest.fixture(scope="module")
def newcomer(tmp_path_factory: pytest.TempPathFactory) -> Newcomer:
    """Nothing is taken from the network: setup has fetched all that it takes."""
    home = tmp_path_factory.mktemp("newcomer")
    for name in ("plugins", "dags", "include"):
        leave_out = shutil.ignore_patterns("__pycache__", "*.egg-info")
        shutil.copytree(ROOT / name, home / "checkout" / name, ignore=leave_out)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, home / "checkout")
    tools = LOCAL / UV / "bin"
    cache = subprocess.run([tools / "uv", "cache", "dir"], capture_output=True, text=True, check=True)
    ours = ("AIRFLOW_", "RETAIL_", "PYTHON")
    variables = {name: value for name, value in os.environ.items() if not name.startswith(ours)} | {
        "HOME": str(home),
        "AIRFLOW_HOME": str(home / "airflow"),
        "PATH": f"{home}/venv/bin:{tools}:{os.environ['PATH']}",
        "UV_CACHE_DIR": cache.stdout.strip(),
        "UV_OFFLINE": "1",
        "VIRTUAL_ENV": str(home / "venv"),
    }
    newcomer = Newcomer(home, variables)
    airflow = brought_by("apache-airflow==3.3.2")
    newcomer.types(
        f"uv venv -q --python {LOCAL}/venv/bin/python ~/venv",
        f"uv pip install -q --no-deps {' '.join(f'{it.name}=={it.version}' for it in airflow.values())}",
        "airflow db migrate",
    )
    (home / "wheels").mkdir()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for name, package in brought_by(*project["dependencies"]).items():
        if name not in airflow:
            pack(package, home / "wheels")
    return newcomer


@pytest.fixture
def new_store(warehouse: psycopg.Connection, bi: object) -> Iterator[psycopg.Connection]:
    yield from empty_database(server_url("STORE_POSTGRES_URL"), SHOP_TABLES)


def test_what_the_document_says_leads_to_twelve_dags_and_nothing_is_missing(
    newcomer: Newcomer, new_store: psycopg.Connection
) -> None:
    build, install, *others = lines()
    assert newcomer.plugins() == ["$PLUGINS_FOLDER/retail_plugin.py"]  # mounted, and not installed

    newcomer.types(build)
    newcomer.types(install, UV_FIND_LINKS=f"{newcomer.home}/wheels", UV_CACHE_DIR=f"{newcomer.home}/cache")
    [source] = newcomer.plugins()
    assert source.startswith("retail-pipeline==")
    assert "flagship" in newcomer.types("retail config show")
    missing = newcomer.types("retail check", status=1)
    told = re.findall(r"^FAIL +(\S+)", missing, re.MULTILINE)
    assert told == ["airflow.pools", "store_postgres", "store_postgres.youshu_order", *OTHER_VIEWS]
    assert "look at `retail schema status`" in missing
    assert "core.default_timezone is utc, and the DAGs run by Asia/Shanghai" in missing

    printed = newcomer.types(*others, *MORE).splitlines()
    found = [line for line in printed if line.startswith("[")]  # Airflow prints its warnings, too
    dags, errors, providers = map(json.loads, found[-len(MORE) :])
    assert [(dag["dag_id"], dag["bundle_name"]) for dag in dags] == [(dag_id, "retail") for dag_id in DAGS]
    assert errors == []
    assert [each["package_name"] for each in providers].count("retail-pipeline") == 1
    assert new_store.execute("SELECT count(*) FROM youshu_order_push").fetchone() == (0,)

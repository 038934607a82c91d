"""What ``retail check`` says of Airflow itself, by a real metadata database and the real plugin loader."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from airflow.models.pool import Pool
from airflow.utils.session import create_session
from sqlalchemy import delete

from devstack.airflow_settings import pools
from devstack.pytest_servers import need
from retail_pipeline.orchestration.airflow_checks import check_airflow
from retail_pipeline.settings.file import load_settings

CLASHING = """
from airflow.plugins_manager import AirflowPlugin
class Another(AirflowPlugin):
    name = "retail"
"""
CHECK = """
from retail_pipeline.orchestration.airflow_checks import check_airflow
from retail_pipeline.settings.file import load_settings
for name, result in check_airflow(load_settings()):
    print(name, result.fine, result.message)
"""
REMEDY = "their tasks would wait for ever: retail config pools | airflow pools import /dev/stdin"


def set_pools(slots: dict[str, int]) -> None:
    with create_session() as session:
        session.execute(delete(Pool).where(Pool.pool != "default_pool"))
        for name, count in slots.items():
            Pool.create_or_update_pool(name, count, "", False, session=session)


@pytest.fixture
def made() -> Iterator[dict[str, int]]:
    """The slots of the pools as they come, which are there again afterwards."""
    need("postgres")
    slots = {name: pool["slots"] for name, pool in pools().items()}
    yield slots
    set_pools(slots)


def pools_line() -> tuple[bool, str]:
    result = dict(check_airflow(load_settings()))["pools"]
    return result.fine, result.message


def test_all_pools_are_there(made):
    set_pools(made)
    assert pools_line() == (True, "all 7 are there")


def test_a_pool_that_is_missing_and_one_that_is_too_small_are_named(made):
    del made["wangdiantong"]
    set_pools(made | {"residents": 2})
    told = f"residents has 2 slots and needs 3, there is no wangdiantong; {REMEDY}"
    assert pools_line() == (False, told)


def test_a_pool_without_a_limit_suffices(made):
    set_pools(made | {"residents": -1})
    assert pools_line() == (True, "all 7 are there")


@pytest.mark.parametrize(
    ("zone", "told"),
    [
        ("Asia/Shanghai", "core.default_timezone is Asia/Shanghai"),
        (
            "utc",
            "core.default_timezone is utc, and the DAGs run by Asia/Shanghai: "
            "write +08:00 behind times for airflow backfill create",
        ),
    ],
)
def test_another_time_zone_is_told_and_is_no_failure(
    made: dict[str, int], monkeypatch: pytest.MonkeyPatch, zone: str, told: str
) -> None:
    monkeypatch.setenv("AIRFLOW__CORE__DEFAULT_TIMEZONE", zone)
    result = dict(check_airflow(load_settings()))["time_zone"]
    assert (result.fine, result.message) == (True, told)


def test_a_plugin_that_is_not_registered_and_a_database_without_tables_are_told(tmp_path: Path) -> None:
    (tmp_path / "plugins").mkdir()
    (tmp_path / "plugins" / "another.py").write_text(CLASHING)
    variables = {
        "AIRFLOW_HOME": str(tmp_path),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(tmp_path / "plugins"),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{tmp_path}/airflow.db",
    }
    done = subprocess.run(
        [sys.executable, "-c", CHECK], env={**os.environ, **variables},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    [plugin, pools, _] = done.stdout.splitlines()[-3:]
    assert plugin.startswith("plugin False not registered, so the daily reports get no run")
    assert pools.startswith("pools False Airflow's database cannot be asked: ")
    assert "no such table: slot_pool" in pools

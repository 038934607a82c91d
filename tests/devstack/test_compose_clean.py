"""The cleaner removes what is old of Airflow's runs, and keeps what is young."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from airflow.models.dagrun import DagRun
from airflow.utils.session import create_session
from airflow.utils.state import DagRunState
from airflow.utils.types import DagRunType
from sqlalchemy import delete, select

from devstack.steps import ROOT
from retail_pipeline import clock
from tests.conftest import server_url

DAYS, DAG = 30, "made_up_to_be_cleaned"
KINDS = (DagRunType.SCHEDULED, DagRunType.MANUAL)


@pytest.fixture
def runs() -> Iterator[None]:
    """A run a day older than is kept, of each kind, and one a day younger."""
    server_url("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN")
    with create_session() as session:
        session.add_all(_run(kind, days) for kind in KINDS for days in (DAYS + 1, DAYS - 1))
    yield
    with create_session() as session:
        session.execute(delete(DagRun).where(DagRun.dag_id == DAG))


def _run(kind: DagRunType, days: int) -> DagRun:
    began = clock.now() - timedelta(days=days)
    return DagRun(
        dag_id=DAG, run_id=f"{kind.value}_{days}_days", run_type=kind, run_after=began, start_date=began,
        state=DagRunState.SUCCESS,
    )  # fmt: skip


def _file(path: Path, days: float) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    return _touched(path, days)


def _folder(path: Path, days: float) -> Path:
    path.mkdir(parents=True)
    return _touched(path, days)


def _touched(path: Path, days: float) -> Path:
    """Let it have been written so many days ago."""
    moment = time.time() - timedelta(days=days).total_seconds()
    os.utime(path, (moment, moment))
    return path


@pytest.mark.long
def test_old_logs_and_runs_are_deleted_and_new_ones_stay(runs, tmp_path):
    logs = tmp_path / "logs"
    old, young = _file(logs / "a" / "old.log", DAYS + 1.5), _file(logs / "a" / "young.log", DAYS - 1)
    left_empty, about_to_be_written = _folder(logs / "b", 3), _folder(logs / "c", 0.5)
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    command = ["bash", str(ROOT / "compose/clean_once.sh"), str(DAYS), str(logs)]
    subprocess.run(command, env={**os.environ, "PATH": path}, check=True, capture_output=True)

    with create_session() as session:
        kept = set(session.scalars(select(DagRun.run_id).where(DagRun.dag_id == DAG)))
    assert kept == {f"{kind.value}_{DAYS - 1}_days" for kind in KINDS}
    assert [each.exists() for each in (old, left_empty)] == [False, False]
    assert [each.exists() for each in (young, about_to_be_written)] == [True, True]


def test_nothing_is_said_to_be_cleaned_where_the_database_refuses(tmp_path):
    log = _file(tmp_path / "old.log", DAYS + 1.5)
    (tmp_path / "airflow").write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    (tmp_path / "airflow").chmod(0o755)
    command = ["bash", str(ROOT / "compose/clean_once.sh"), str(DAYS), str(tmp_path)]
    env = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    assert subprocess.run(command, env=env, check=False, capture_output=True).returncode != 0
    assert log.exists()

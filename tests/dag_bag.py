"""The DAGs as Airflow itself loads them."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from airflow.dag_processing.dagbag import DagBag

from tests.conftest import server_url

DAGS = Path(__file__).parents[1] / "dags"


@cache
def _bag() -> DagBag:
    server_url("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN")  # runs are kept there
    bag = DagBag(DAGS)
    assert bag.import_errors == {}
    return bag


@pytest.fixture(scope="session")
def bag() -> DagBag:
    return _bag()

"""The DAGs as Airflow itself loads them."""

from __future__ import annotations

from pathlib import Path

import pytest
from airflow.dag_processing.dagbag import DagBag

DAGS = Path(__file__).parents[2] / "dags"


@pytest.fixture(scope="session")
def bag() -> DagBag:
    bag = DagBag(DAGS)
    assert bag.import_errors == {}
    return bag

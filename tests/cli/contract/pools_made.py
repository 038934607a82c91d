"""An Airflow that has been made ready for the DAGs."""

from __future__ import annotations

import pytest
from airflow.models.pool import Pool
from airflow.utils.session import create_session

from devstack.airflow_settings import pools


@pytest.fixture(autouse=True)
def _pools(warehouse: object) -> None:
    """An Airflow with the pools that the DAGs name."""
    with create_session() as session:
        for name, pool in pools().items():
            Pool.create_or_update_pool(name, pool["slots"], "", False, session=session)

"""No DAG goes on with a param that it does not know: a name that was mistyped is no order to do what is usual."""

from __future__ import annotations

import psycopg
import pytest
from airflow.dag_processing.dagbag import DagBag

from tests.alerts.alert_receiver import AlertReceiver
from tests.dag_bag import DAGS

DAG_IDS = sorted(path.stem for path in DAGS.glob("*.py"))


@pytest.mark.long
@pytest.mark.parametrize("dag_id", DAG_IDS)
def test_a_run_with_a_param_that_its_dag_does_not_know_does_nothing(
    bag: DagBag,
    dag_id: str,
    store: psycopg.Connection,
    warehouse: psycopg.Connection,
    alerts: AlertReceiver,
    capsys: pytest.CaptureFixture[str],
) -> None:
    dag = bag.dags[dag_id]
    dag.deadline = None  # Airflow 3.3.2 breaks at the end of dag.test() where a DAG has deadlines
    result = dag.test(run_conf={"nonsense": 1})
    states = {str(ti.state) for ti in result.get_task_instances()}
    assert states <= {"failed", "upstream_failed"}
    assert "failed" in states
    allowed = ", ".join(dag.params) or "none"
    assert f"param 'nonsense' is not known. Allowed: {allowed}" in capsys.readouterr().out
    assert alerts.titles == [], "whoever gave it sees it"


def test_every_dag_is_asked(bag: DagBag) -> None:
    assert sorted(bag.dags) == DAG_IDS

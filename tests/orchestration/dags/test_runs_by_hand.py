"""What the demo and the smoke test of the containers tell a run, its DAG knows: anything else is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

import pytest
from airflow.dag_processing.dagbag import DagBag

from demo import whole_day as demo
from devstack import compose_runs

EXPECTED = ("business_date", "window_from")


def _of_the_demo(dag_id: str) -> dict[str, Any]:
    return demo.conf_of(dag_id, date(2026, 11, 1))


def _in_the_demo(bag: DagBag) -> Iterable[str]:
    by_hand = {dag_id for dag_id, dag in bag.dags.items() if "demo" in dag.tags}
    return by_hand - set(demo.BY_SCHEDULE)


@pytest.mark.parametrize(
    ("told", "of"),
    [(compose_runs.conf_of, lambda bag: bag.dags), (_of_the_demo, _in_the_demo)],
    ids=["containers", "demo"],
)
def test_a_run_by_hand_is_told_its_day_or_window_and_nothing_unknown(
    bag: DagBag, told: Callable[[str], dict[str, Any]], of: Callable[[DagBag], Iterable[str]]
) -> None:
    triggered = {dag_id: bag.dags[dag_id].params.keys() for dag_id in of(bag)}
    assert triggered
    for dag_id, known in triggered.items():
        given = told(dag_id)
        assert given.keys() <= known, dag_id
        assert {name for name in EXPECTED if name in known} <= given.keys(), dag_id

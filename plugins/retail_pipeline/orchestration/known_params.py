"""Checks the params that somebody gave a run by hand against those of its DAG."""

from __future__ import annotations

from typing import TYPE_CHECKING

from retail_pipeline.errors import ConfigError
from retail_pipeline.orchestration.fail_without_retry import fail_without_retry
from retail_pipeline.settings.nearest_names import unknown_name

if TYPE_CHECKING:
    from airflow.sdk.definitions.context import Context


def refuse_what_the_dag_does_not_know(context: Context) -> None:
    """Refuse a run with a param that its DAG does not have: a mistyped name would be ignored, and nobody would know.

    For ``pre_execute`` of a task. Airflow itself ignores such a name.

    :raises AirflowFailException: names the param, and the nearest known one
    """
    with fail_without_retry():
        for name in _unknown(context):
            raise ConfigError(f"param {unknown_name(name, context['dag'].params)}")


def is_mistyped(context: Context) -> bool:
    """Return whether a run was refused for such a name: the person who gave it sees that the task has failed."""
    return "params" in context and bool(_unknown(context))


def _unknown(context: Context) -> list[str]:
    known = set(context["dag"].params)
    return [name for name in context["params"] if name not in known]

"""What a run was given by hand, held against the params that its DAG has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from retail_pipeline.errors import ConfigError
from retail_pipeline.orchestration.fail_without_retry import fail_without_retry
from retail_pipeline.settings.nearest_names import unknown_name

if TYPE_CHECKING:
    from airflow.sdk.definitions.context import Context


def refuse_what_the_dag_does_not_know(context: Context) -> None:
    """Refuse a run with a param that its DAG has not: a mistyped name would change nothing, and nobody would know.

    For ``pre_execute`` of a task. Airflow itself takes no notice of such a name.

    :raises AirflowFailException: names it, and the nearest one
    """
    with fail_without_retry():
        for name in _unknown(context):
            raise ConfigError(f"param {unknown_name(name, context['dag'].params)}")


def is_mistyped(context: Context) -> bool:
    """Return whether a run was refused for a name: whoever gave it sees that the task has failed."""
    return "params" in context and bool(_unknown(context))


def _unknown(context: Context) -> list[str]:
    known = set(context["dag"].params)
    return [name for name in context["params"] if name not in known]

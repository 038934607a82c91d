"""The databases that the loads' commands read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from retail_pipeline.errors import ConfigError
from retail_pipeline.monitors.loads.watch import watched_loads
from retail_pipeline.orchestration.sessions import open_target
from retail_pipeline.settings.file import load_settings
from retail_pipeline.settings.nearest_names import unknown_name
from retail_pipeline.settings.retail import Loads, Settings

if TYPE_CHECKING:
    from retail_pipeline.databases.target_session import Session

PIPELINES = tuple(Loads.model_fields)
conn_id_option = click.option("--conn-id", help="The target database, where the settings name several.")
pipeline_option = click.option(
    "--pipeline", type=click.Choice(PIPELINES), default=PIPELINES[0], show_default=True, help="Whose."
)


@contextmanager
def target_session(pipeline: str, conn_id: str | None, *, stages: bool = False) -> Iterator[Session]:
    """Open the target that was named, or the only one that the pipeline has.

    :param stages: whether rows are staged in it
    """
    targets = targets_of(load_settings(), pipeline)
    if conn_id is None and len(targets) != 1:
        known = ", ".join(targets) or "none"
        raise click.UsageError(
            f"say with --conn-id which target database of {pipeline}; the settings name: {known}"
        )
    with open_target(conn_id or targets[0], stages=stages) as session:
        yield session


def targets_of(settings: Settings, pipeline: str) -> list[str]:
    """Return the databases that a pipeline loads into.

    :raises ConfigError: it is no load that the settings could name
    """
    if pipeline not in PIPELINES:
        raise ConfigError(f"pipeline {unknown_name(pipeline, PIPELINES)}")
    return [load.conn_id for load in watched_loads(settings) if load.pipeline == pipeline]

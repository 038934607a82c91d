"""The databases that the loads' commands read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from retail_pipeline.errors import ConfigError
from retail_pipeline.orchestration.load_description import LoadDescription, described_loads
from retail_pipeline.orchestration.sessions import open_target
from retail_pipeline.settings.file import load_settings
from retail_pipeline.settings.nearest_names import unknown_name
from retail_pipeline.settings.retail import AFTERSALES, Settings

if TYPE_CHECKING:
    from retail_pipeline.databases.target_session import Session


class PipelineName(click.ParamType[str]):
    """The name of a load, of whatever pipeline describes one."""

    name = "pipeline"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return a name; a wrong one is answered with those there are."""
        names = _names()
        if value not in names:
            self.fail(f"{value!r} is not one of {', '.join(map(repr, names))}", param, ctx)
        return value

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:  # noqa: ARG002
        """Return the names as help shows them."""
        names = "|".join(_names())
        return f"{{{names}}}" if param.param_type_name == "argument" else f"[{names}]"


def _names() -> list[str]:
    return [load.pipeline for load in described_loads()]


conn_id_option = click.option("--conn-id", help="The target database, where the settings name several.")
pipeline_option = click.option(
    "--pipeline", type=PipelineName(), default=AFTERSALES, show_default=True, help="Whose."
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
    return list(load_of(pipeline).accounts(settings))


def load_of(pipeline: str) -> LoadDescription:
    """Return a load by its name.

    :raises ConfigError: no pipeline describes it
    """
    loads = {load.pipeline: load for load in described_loads()}
    if pipeline not in loads:
        raise ConfigError(f"pipeline {unknown_name(pipeline, loads)}")
    return loads[pipeline]

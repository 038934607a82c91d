"""The watch of the loads as a task: one for each load and target."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from airflow.sdk import BaseOperator

from retail_pipeline.errors import ConfigError
from retail_pipeline.failing_fast import failing_fast
from retail_pipeline.load_health.watch import (
    WATCH,
    WatchedLoad,
    review_load,
    watch_finding,
    watched_loads,
)
from retail_pipeline.settings_file import load_settings
from retail_pipeline.troubles import Finding

if TYPE_CHECKING:
    from airflow.sdk.definitions.context import Context


def each_load() -> list[dict[str, str]]:
    """Return what the operator is to be told of each load that the settings name, and of each of its targets."""
    loads = watched_loads(load_settings())
    return [{"pipeline": load.pipeline, "conn_id": load.conn_id} for load in loads]


class WatchLoadOperator(BaseOperator):
    """Look whether one load is in time and complete, whoever should run it.

    :param pipeline: as the settings name it
    :param conn_id: of its target
    """

    watch: ClassVar = WATCH
    template_fields: Sequence[str] = ("pipeline", "conn_id")
    ui_color = "#fdf3d8"

    def __init__(self, *, pipeline: str, conn_id: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.pipeline = pipeline
        self.conn_id = conn_id

    def failure(self, why: str) -> Finding:
        """Return what it means that the watch has failed."""
        return watch_finding(WatchedLoad(self.pipeline, self.conn_id, ()), why)

    def execute(self, context: Context) -> dict[str, str]:  # noqa: ARG002
        """Return what was found, by its subject."""
        settings = load_settings()
        with failing_fast():
            findings = review_load(self._load(watched_loads(settings)), settings)
        for finding in findings:
            if finding.kind:
                self.log.warning("%s: %s: %s", finding.subject, finding.what, finding.why)
        return {finding.subject: finding.what if finding.kind else "fine" for finding in findings}

    def _load(self, loads: Sequence[WatchedLoad]) -> WatchedLoad:
        for load in loads:
            if (load.pipeline, load.conn_id) == (self.pipeline, self.conn_id):
                return load
        raise ConfigError(f"the settings name no load {self.pipeline} into {self.conn_id!r}")

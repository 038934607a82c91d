"""Loads as Airflow would run them, one task after the other, on a simulated clock: what all of them share."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar

import yaml
from airflow.sdk import Param

from retail_pipeline.business_time import SHANGHAI
from retail_pipeline.settings.file import DEFAULT_PATH
from tests.conftest import SimulatedClock
from tests.planned import StateStore

MONDAY_NOON = datetime(2026, 11, 23, 12, 0, tzinfo=SHANGHAI)
LOAD_FROM = "2026-11-22"
Row = dict[str, Any]


def write_settings(folder: Path, change: Callable[[Row], None]) -> Path:
    """Write the project's own settings with a change."""
    content = yaml.safe_load(DEFAULT_PATH.read_text(encoding="utf-8"))
    change(content)
    path = folder / "retail.yaml"
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return path


@dataclass
class LoadRuns:
    """Runs of one load, and what they leave in its target.

    :cvar params: those of its DAG
    """

    dag_id: ClassVar[str]
    params: ClassVar[Mapping[str, Param]]

    clock: SimulatedClock
    _numbers: itertools.count[int] = field(default_factory=itertools.count, init=False)

    def context(
        self, run_type: str = "scheduled", logical_date: datetime | None = None, **params: Any
    ) -> Row:
        """Return the context of a new run's tasks."""
        dag_run = SimpleNamespace(
            dag_id=self.dag_id,
            run_id=f"{run_type}__{next(self._numbers)}",
            run_type=run_type,
            logical_date=logical_date or self.clock.moment,
            run_after=self.clock.moment,
            start_date=self.clock.moment,
        )
        values = {**{name: param.value for name, param in self.params.items()}, **params}
        return {"dag_run": dag_run, "task_state_store": StateStore(), "params": values}

    def rows(self, sql: str, values: Any = None) -> list[Row]:
        """Ask the target."""
        raise NotImplementedError

    def certificates(self) -> list[Row]:
        return self.rows("SELECT * FROM etl_window ORDER BY id")

    def quarantine(self) -> list[Row]:
        return self.rows("SELECT * FROM etl_quarantine ORDER BY id")

    def watermark_of(self, account: str) -> datetime | None:
        found = self.rows(f"SELECT watermark FROM etl_watermark WHERE account = '{account}'")
        return found[0]["watermark"].replace(tzinfo=SHANGHAI) if found else None

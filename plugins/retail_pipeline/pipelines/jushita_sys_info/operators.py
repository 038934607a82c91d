"""Taobao's sys_info → the warehouse: planned in chunks for each table, one mapped task each."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from retail_pipeline.orchestration.chunk_operators import LoadChunkOperator, PlanChunksOperator
from retail_pipeline.orchestration.planned_subjects import (
    PlannedInstance,
    as_planned,
    jushita_of,
    planned_instance,
    planned_instances,
    subjects_of_run,
)
from retail_pipeline.orchestration.sessions import open_mysql
from retail_pipeline.pipelines.jushita_sys_info.known_sellers import refuse_unknown_sellers
from retail_pipeline.pipelines.jushita_sys_info.load import SysInfoLoad
from retail_pipeline.pipelines.jushita_sys_info.route import Route
from retail_pipeline.settings.file import load_settings
from retail_pipeline.settings.retail import SYS_INFO, Settings
from retail_pipeline.vendors.taobao.sys_info import SysInfoTable
from retail_pipeline.vendors.taobao.tables import FEED_TABLES
from retail_pipeline.windows.ledger import Certificate, LoadKey
from retail_pipeline.windows.load_runs import LoadRun, loads_until

if TYPE_CHECKING:
    from airflow.sdk.definitions.context import Context

# As the settings, the ledger and the commands name it.
PIPELINE = SYS_INFO
# Seconds that an RDS may take to tell its time: while one does not answer, the others of the run wait.
_CLOCK_PATIENCE = 10


class _OfTable:
    """One table of sys_info.

    :ivar table: in small letters
    """

    table: str
    pipeline: ClassVar[str] = PIPELINE
    filters: ClassVar[tuple[str, ...]] = ("sellers",)

    def account_of(self, subject: PlannedInstance) -> str:
        """Return how the ledger names the table of an RDS."""
        return subject.account_of(self.table)

    def source_now(self, subject: PlannedInstance, *_: object) -> datetime:
        """Return what the RDS's clock says."""
        page_rows = load_settings().loads.jushita_sys_info.page_rows
        with open_mysql(subject.conn_id, writes=False, patience=_CLOCK_PATIENCE) as rds:
            return SysInfoTable(rds, subject.conn_id, FEED_TABLES[self.table], page_rows).now()


class PlanSysInfoOperator(_OfTable, PlanChunksOperator[PlannedInstance]):
    """Plan the chunks of a table for every RDS.

    :param table: of sys_info, in small letters
    """

    def __init__(self, *, table: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.table = table

    def subjects(self, context: Context, settings: Settings, run: LoadRun) -> list[PlannedInstance]:
        """Return every RDS to which the table is pushed."""
        everywhere = planned_instances(settings)
        if sellers := _sellers(run):
            refuse_unknown_sellers(sellers, everywhere, everywhere[0].target_conn_id)
        pushed = [each for each in everywhere if self.table in each.tables]
        return list(map(planned_instance, subjects_of_run(context, list(map(as_planned, pushed)))))

    def about(self, subject: PlannedInstance) -> Mapping[str, Any]:
        """Return RDS and table as data."""
        return {"instance": as_planned(subject), "table": self.table}


class SysInfoToWarehouseOperator(_OfTable, LoadChunkOperator[PlannedInstance]):
    """Load one chunk of a table of sys_info."""

    ui_color = "#e6f0dc"

    def subject(self) -> PlannedInstance:
        """Return the RDS."""
        self.table = self.chunk["table"]
        return planned_instance(self.chunk["instance"])

    def load(self, subject: PlannedInstance, run: LoadRun, load_key: LoadKey) -> list[Certificate]:
        """Load a window of the table."""
        settings = load_settings()
        how = settings.loads.jushita_sys_info
        route = Route(subject, self.table, subject.target_conn_id, how)
        load = SysInfoLoad(jushita_of(settings), route, loads_until(load_key.purpose, run.planned_at, how))
        return load.load(load_key, run.planned_at, _sellers(run))


def _sellers(run: LoadRun) -> tuple[str, ...] | None:
    return tuple(run.filters["sellers"].split(",")) if "sellers" in run.filters else None

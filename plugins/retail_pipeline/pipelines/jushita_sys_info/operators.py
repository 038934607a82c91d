"""Taobao's sys_info → the warehouse: one task plans a table's chunks, one mapped task loads each of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator

from retail_pipeline.business_time import Window
from retail_pipeline.errors import told
from retail_pipeline.orchestration.executor_slots import max_mapped_tasks
from retail_pipeline.orchestration.fail_without_retry import FAILURES, fail_without_retry
from retail_pipeline.orchestration.planned_subjects import (
    PlannedInstance,
    as_planned,
    jushita_of,
    planned_instance,
    planned_instances,
    subjects_of_run,
)
from retail_pipeline.orchestration.sessions import open_mysql, open_target
from retail_pipeline.pipelines.jushita_sys_info.known_sellers import refuse_unknown_sellers
from retail_pipeline.pipelines.jushita_sys_info.load import SysInfoLoad
from retail_pipeline.pipelines.jushita_sys_info.route import Route
from retail_pipeline.settings.file import load_settings
from retail_pipeline.settings.retail import SYS_INFO, Settings
from retail_pipeline.vendors.taobao.sys_info import SysInfoTable
from retail_pipeline.vendors.taobao.tables import FEED_TABLES
from retail_pipeline.windows.failure_certificates import certifying
from retail_pipeline.windows.ledger import Certificate, LoadKey, WindowLedger
from retail_pipeline.windows.load_runs import (
    MAX_CHUNK,
    LoadRun,
    chunks_of,
    due_windows,
    load_run,
    loads_until,
    nearly_done_first,
)

if TYPE_CHECKING:
    from airflow.sdk.definitions.context import Context

# As the settings, the ledger and the commands name it.
PIPELINE = SYS_INFO
FILTERS = ("sellers",)
# Seconds that an RDS may take to tell its time: while one does not answer, the others of the run wait.
_CLOCK_PATIENCE = 10


class PlanSysInfoOperator(BaseOperator):
    """Plan the chunks of time of a table that are to be loaded, for every instance: one mapped task each.

    :param table: of sys_info, in small letters
    """

    def __init__(self, *, table: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.table = table

    def execute(self, context: Context) -> list[dict[str, Any]]:
        """Return the chunks as data; an instance that cannot be asked gets one that plans for itself."""
        settings = load_settings()
        how = settings.loads.jushita_sys_info
        with fail_without_retry():
            run = load_run(context, PIPELINE, how, filters=FILTERS)
            everywhere = planned_instances(settings)
            if sellers := _sellers(run):
                refuse_unknown_sellers(sellers, everywhere, everywhere[0].target_conn_id)
            pushed = [each for each in everywhere if self.table in each.tables]
            subjects = subjects_of_run(context, list(map(as_planned, pushed)))
            instances = list(map(planned_instance, subjects))
            planned = [(each, self._plan(settings, each, run, len(instances))) for each in instances]
            chunks = [
                _as_data(instance, self.table, run, chunk) for instance, chunk in nearly_done_first(planned)
            ]
        self.log.info("%s run, %d chunks of %d instances", run.purpose, len(chunks), len(instances))
        return chunks

    def _plan(
        self, settings: Settings, instance: PlannedInstance, run: LoadRun, sharers: int
    ) -> Sequence[Window | None]:
        how = settings.loads.jushita_sys_info
        try:
            windows = [run.window] if run.window else _due(settings, instance, self.table, run)
        except Exception as error:  # noqa: BLE001 (its own task meets it again)
            self.log.error("%s of %s cannot be planned: %s", self.table, instance.name, told(error))
            return [None]
        return chunks_of(run, windows, how, sharers, max_mapped_tasks())


class SysInfoToWarehouseOperator(BaseOperator):
    """Load one chunk of a table of sys_info, completely or not at all.

    :param chunk: as planned: the instance, the table, and the chunk of time
    """

    template_fields: Sequence[str] = ("chunk",)
    ui_color = "#e6f0dc"

    def __init__(self, *, chunk: Mapping[str, Any], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.chunk = chunk

    def execute(self, context: Context) -> dict[str, Any]:
        """Return the sums of the certificates."""
        settings = load_settings()
        how = settings.loads.jushita_sys_info
        chunk = self.chunk
        with fail_without_retry():
            instance = planned_instance(chunk["instance"])
            run = load_run(
                context, PIPELINE, how, filters=FILTERS, now=datetime.fromisoformat(chunk["planned_at"])
            )
            account = instance.account_of(chunk["table"])
            window = _window(chunk) or run.asked
            load_key = LoadKey(PIPELINE, account, window, run.purpose, run.run_id, run.condition)
            with certifying(partial(open_target, instance.target_conn_id), load_key, stops=FAILURES):
                return self._summed_up(self._load(settings, instance, run, load_key))

    def _load(
        self, settings: Settings, instance: PlannedInstance, run: LoadRun, load_key: LoadKey
    ) -> list[Certificate]:
        table, how = self.chunk["table"], settings.loads.jushita_sys_info
        if load_key.window.start == load_key.window.end:
            windows = _due(settings, instance, table, run)
            if not windows:
                self.log.info("nothing to load yet")
                return []
            start = windows[0].start
            load_key = replace(load_key, window=Window(start, min(windows[-1].end, start + MAX_CHUNK)))
        route = Route(instance, table, instance.target_conn_id, how)
        load = SysInfoLoad(jushita_of(settings), route, loads_until(load_key.purpose, run.planned_at, how))
        return load.load(load_key, run.planned_at, _sellers(run))

    def _summed_up(self, found: Sequence[Certificate]) -> dict[str, Any]:
        names = ("source_keys", "target_keys", "refused", "quarantined")
        told = {name: sum(getattr(certificate, name) or 0 for certificate in found) for name in names}
        self.log.info("%d windows complete: %s", len(found), told)
        return {"windows": len(found), **told}


def _due(settings: Settings, instance: PlannedInstance, table: str, run: LoadRun) -> list[Window]:
    how = settings.loads.jushita_sys_info
    with open_mysql(instance.conn_id, writes=False, patience=_CLOCK_PATIENCE) as rds:
        now = SysInfoTable(rds, instance.conn_id, FEED_TABLES[table], how.page_rows).now()
    with open_target(instance.target_conn_id) as session:
        ledger, account = WindowLedger(session), instance.account_of(table)
        return due_windows(ledger, run, account, how, load_from=instance.load_from, now=now)


def _sellers(run: LoadRun) -> tuple[str, ...] | None:
    return tuple(run.filters["sellers"].split(",")) if "sellers" in run.filters else None


def _as_data(instance: PlannedInstance, table: str, run: LoadRun, window: Window | None) -> dict[str, Any]:
    about = {"instance": as_planned(instance), "table": table, "planned_at": run.planned_at.isoformat()}
    if window is None:
        return {**about, "shown": instance.name}
    start, end = window
    shown = f"{instance.name} {start:%m-%d %H:%M}"
    return {**about, "window_from": start.isoformat(), "window_to": end.isoformat(), "shown": shown}


def _window(chunk: Mapping[str, Any]) -> Window | None:
    if "window_from" not in chunk:
        return None
    return Window(*(datetime.fromisoformat(chunk[end]) for end in ("window_from", "window_to")))

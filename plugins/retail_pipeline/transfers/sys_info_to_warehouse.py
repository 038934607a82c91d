"""Taobao's sys_info → the warehouse: one task plans a table's slices, one mapped task loads each of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator

from retail_pipeline.business_time import Window
from retail_pipeline.errors import ConfigError, PipelineError
from retail_pipeline.failing_fast import failing_fast
from retail_pipeline.load_runs import LoadRun, first_watermark, load_run, next_window
from retail_pipeline.mysql_session import open_mysql
from retail_pipeline.settings import Jushita, Settings, SysInfoInstance
from retail_pipeline.settings_file import load_settings
from retail_pipeline.slices import cut
from retail_pipeline.taobao.sys_info import SysInfoTable
from retail_pipeline.taobao.tables import PUSHED
from retail_pipeline.target_session import open_target
from retail_pipeline.transfers.sys_info_lanes import Ends
from retail_pipeline.transfers.sys_info_load import SysInfoLoad
from retail_pipeline.window_ledger import SCHEDULED, Findings, Subject, WindowLedger

if TYPE_CHECKING:
    from airflow.sdk.definitions.context import Context

# As the settings, the ledger and the commands name it.
PIPELINE = "jushita_sys_info"
FILTERS = ("sellers",)


class PlanSysInfoOperator(BaseOperator):
    """Say which slices of time of a table are to be loaded, for every instance: one mapped task each.

    :param table: of sys_info, in small letters
    """

    def __init__(self, *, table: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.table = table

    def execute(self, context: Context) -> list[dict[str, Any]]:
        """Return the slices as data; an instance that cannot be asked gets one that plans for itself."""
        settings = load_settings()
        how = settings.loads.jushita_sys_info
        with failing_fast():
            jushita = jushita_of(settings)
            run = load_run(context, PIPELINE, how, filters=FILTERS)
        instances = [instance for instance in jushita.instances if self.table in instance.tables]
        slices = [
            _as_data(instance, self.table, run, piece)
            for instance in instances
            for piece in self._plan(settings, jushita, instance, run)
        ]
        self.log.info("%s run, %d slices of %d instances", run.purpose, len(slices), len(instances))
        return slices

    def _plan(
        self, settings: Settings, jushita: Jushita, instance: SysInfoInstance, run: LoadRun
    ) -> Sequence[Window | None]:
        how = settings.loads.jushita_sys_info
        try:
            window = run.window or _from_watermark(settings, jushita, instance, self.table, run)
        except PipelineError as error:
            self.log.error("%s of %s cannot be planned: %s", self.table, instance.name, error)
            return [None]
        return cut(window, how.slice_length) if window else []


class SysInfoToWarehouseOperator(BaseOperator):
    """Load one slice of a table of sys_info, completely or not at all.

    :param part: as planned: the instance, the table, and the slice of time
    """

    template_fields: Sequence[str] = ("part",)
    ui_color = "#e6f0dc"

    def __init__(self, *, part: Mapping[str, Any], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.part = part

    def execute(self, context: Context) -> dict[str, Any]:
        """Return what the certificates say, summed up."""
        settings = load_settings()
        how = settings.loads.jushita_sys_info
        part = self.part
        with failing_fast():
            jushita = jushita_of(settings)
            instance = jushita.instance(part["instance"])
            run = load_run(
                context, PIPELINE, how, filters=FILTERS, now=datetime.fromisoformat(part["planned_at"])
            )
            window = _window(part) or run.window
            if window is None:
                window = _from_watermark(settings, jushita, instance, part["table"], run)
            if window is None:
                self.log.info("nothing to load yet")
                return {"windows": 0}
            account = account_of(instance, part["table"])
            subject = Subject(PIPELINE, account, window, run.purpose, run.run_id, run.condition)
            load = SysInfoLoad(jushita, Ends(instance, part["table"], jushita.target_conn_id, how))
            return self._summed_up(load.load(subject, run.planned_at, _sellers(run)))

    def _summed_up(self, found: Sequence[Findings]) -> dict[str, Any]:
        names = ("source_keys", "target_keys", "refused", "quarantined")
        told = {name: sum(getattr(findings, name) or 0 for findings in found) for name in names}
        self.log.info("%d windows complete: %s", len(found), told)
        return {"windows": len(found), **told}


def account_of(instance: SysInfoInstance, table: str) -> str:
    """Return how the ledger names a table of an instance."""
    return f"{instance.name}/{table}"


def jushita_of(settings: Settings) -> Jushita:
    """Return the section of the data push; ConfigError where the settings have none."""
    if settings.jushita is None:
        raise ConfigError("the settings file has no section jushita: nothing says which RDS to load from")
    return settings.jushita


def _from_watermark(
    settings: Settings, jushita: Jushita, instance: SysInfoInstance, table: str, run: LoadRun
) -> Window | None:
    """Return what has not been read yet; the first scheduled run says from where on nothing may be missed."""
    how = settings.loads.jushita_sys_info
    with open_mysql(instance.conn_id, writes=False) as rds:
        now = SysInfoTable(rds, instance.conn_id, PUSHED[table], how.page_rows).now()
    with open_target(jushita.target_conn_id) as session:
        ledger = WindowLedger(session)
        account = account_of(instance, table)
        start = first_watermark(instance.load_from, now)
        if run.purpose == SCHEDULED:
            ledger.start_watermark(run.pipeline, account, start)
        return next_window(ledger.watermark(run.pipeline, account) or start, how, now)


def _sellers(run: LoadRun) -> tuple[str, ...]:
    return tuple(filter(None, (seller.strip() for seller in run.filters.get("sellers", "").split(","))))


def _as_data(instance: SysInfoInstance, table: str, run: LoadRun, window: Window | None) -> dict[str, Any]:
    about = {"instance": instance.name, "table": table, "planned_at": run.planned_at.isoformat()}
    if window is None:
        return {**about, "shown": instance.name}
    start, end = window
    shown = f"{instance.name} {start:%m-%d %H:%M}"
    return {**about, "window_from": start.isoformat(), "window_to": end.isoformat(), "shown": shown}


def _window(part: Mapping[str, Any]) -> Window | None:
    if "window_from" not in part:
        return None
    return Window(*(datetime.fromisoformat(part[end]) for end in ("window_from", "window_to")))

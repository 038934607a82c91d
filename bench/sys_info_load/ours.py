"""The load as tasks of the DAG do it, one or two at once, into empty tables: children, guard, ledger and all."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from multiprocessing import get_context

from bench.measuring.meter import Meter
from bench.sys_info_load.job import PARTS, SOURCE, TARGET, TRADE, SysInfoLoad
from retail_pipeline import clock
from retail_pipeline.business_time import Window, from_local_time
from retail_pipeline.databases.migrations import migrate
from retail_pipeline.orchestration.sessions import open_target
from retail_pipeline.pipelines.jushita_sys_info.load import SysInfoLoad as Load
from retail_pipeline.pipelines.jushita_sys_info.route import Route
from retail_pipeline.settings.retail import Jushita, SysInfoInstance, SysInfoLoadSettings
from retail_pipeline.tables.target_tables import ensure_tables
from retail_pipeline.vendors.taobao.tables import TB_TRADE
from retail_pipeline.windows.chunks import cut_evenly
from retail_pipeline.windows.ledger import COMPLETE, MANUAL, Certificate, LoadKey

INSTANCE = SysInfoInstance(name="bench", conn_id=SOURCE)


def main() -> None:
    job = SysInfoLoad.told()
    _create_tables()
    window = Window(*(from_local_time(datetime.fromisoformat(end)) for end in (job.start, job.end)))
    with Meter(job.servers) as meter:
        found = _load_all(cut_evenly(window, job.processes))
    job.check("trades certified", sum(each.target_keys or 0 for each in found), job.expected[TRADE])
    job.check("certificates that do not say complete", sum(each.verdict != COMPLETE for each in found), 0)
    meter.tell(tables=dict(zip(PARTS, (table.name for table in TB_TRADE.family), strict=True)))


def _load_all(windows: Sequence[Window]) -> list[Certificate]:
    """Fork, as Airflow does for a task: what is imported already costs no time."""
    if len(windows) == 1:
        return _load(windows[0])
    with get_context("fork").Pool(len(windows)) as processes:
        return [each for found in processes.map(_load, windows) for each in found]


def _load(window: Window) -> list[Certificate]:
    route = Route(INSTANCE, TB_TRADE.name, TARGET, SysInfoLoadSettings())
    load_key = LoadKey("bench", f"bench/{TB_TRADE.name}", window, MANUAL, run_id="bench")
    return Load(Jushita(target_conn_id=TARGET, instances=(INSTANCE,)), route).load(load_key, clock.now())


def _create_tables() -> None:
    with open_target(TARGET) as session:
        list(migrate(session, TARGET, "target"))
        ensure_tables(session, TB_TRADE.family)


if __name__ == "__main__":
    main()

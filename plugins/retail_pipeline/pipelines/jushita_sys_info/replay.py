"""A row of sys_info in the quarantine → the warehouse: as sys_info has it now, or else as the platform has it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from retail_pipeline import clock
from retail_pipeline.business_time import Window
from retail_pipeline.errors import RecordRejected
from retail_pipeline.orchestration.planned_subjects import jushita_of
from retail_pipeline.pipelines.jushita_sys_info.repull import Repull
from retail_pipeline.pipelines.jushita_sys_info.route import Route
from retail_pipeline.settings.retail import Settings
from retail_pipeline.windows.ledger import REPLAY, LoadKey


def replay(settings: Settings, entry: Mapping[str, Any]) -> str:
    """Load one row again; return the result in words. The quarantine records by itself that the row was loaded.

    :param entry: as the quarantine shows it
    :raises RecordRejected: it still cannot be used, or neither sys_info nor the platform has it any more
    """
    jushita = jushita_of(settings)
    instance, _, table = entry["account"].partition("/")
    route = Route(jushita.instance(instance), table, jushita.target_conn_id, settings.loads.jushita_sys_info)
    now = clock.now()
    load_key = LoadKey(entry["pipeline"], entry["account"], Window(now, now), REPLAY, f"replay {entry['id']}")
    with route.opened() as opened:
        found = Repull(opened, jushita.sessions).pull(load_key, [int(entry["source_key"])])
    for error in found.failed.values():
        raise error
    if found.nowhere:
        raise RecordRejected(
            "nowhere", "neither sys_info nor the platform has it for the sellers of our sessions"
        )
    if found.rejected:
        raise RecordRejected("set_aside_again", "see its latest entry")
    if found.refused:
        return "not needed: a later version of it was loaded meanwhile"
    return "loaded from the platform" if found.from_platform else "loaded"

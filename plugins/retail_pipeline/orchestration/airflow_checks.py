"""Checks whether this Airflow has what the DAGs need of it: one that was there before us has it not by itself."""

from __future__ import annotations

from collections.abc import Iterator

from airflow.sdk.configuration import conf

from retail_pipeline.business_time import SHANGHAI
from retail_pipeline.orchestration.connection_checks import CheckResult
from retail_pipeline.orchestration.scheduled_run_deadline import ScheduledRunDeadline
from retail_pipeline.orchestration.slots import needed, pools_for
from retail_pipeline.settings.retail import Settings

IMPORT_POOLS = "retail config pools | airflow pools import /dev/stdin"


def check_airflow(settings: Settings) -> Iterator[tuple[str, CheckResult]]:
    """Yield what is checked and the result, by this process's configuration and its metadata database."""
    yield "plugin", check_plugin()
    yield "pools", check_pools(settings)
    yield "time_zone", check_time_zone()


def check_plugin() -> CheckResult:
    """Check whether Airflow knows the deadline reference, without which it makes no run of the daily reports."""
    from airflow.plugins_manager import get_deadline_references_plugins

    if ScheduledRunDeadline in get_deadline_references_plugins().values():
        return CheckResult(True, "registered")
    return CheckResult(
        False,
        "not registered, so the daily reports get no run: `airflow plugins` shows those that are; "
        "does another one have the name retail?",
    )


def check_pools(settings: Settings) -> CheckResult:
    """Check whether Airflow has the pools that the DAGs name, with the slots that the shops need."""
    from airflow.models.pool import Pool
    from sqlalchemy.exc import SQLAlchemyError

    try:
        slots = {pool.pool: pool.slots for pool in Pool.get_pools()}
    except SQLAlchemyError as fault:
        return CheckResult(False, f"Airflow's database cannot be asked: {str(fault).splitlines()[0]}")
    wanted = {name: max(1, needed(settings).get(name, 0)) for name in pools_for(settings)}
    short = [
        f"{name} has {slots[name]} slots and needs {count}" if name in slots else f"there is no {name}"
        for name, count in wanted.items()
        if 0 <= slots.get(name, 0) < count  # -1 has no limit
    ]
    if short:
        return CheckResult(False, f"{', '.join(short)}; their tasks would wait for ever: {IMPORT_POOLS}")
    return CheckResult(True, f"all {len(wanted)} are there")


def check_time_zone() -> CheckResult:
    """Say in which time zone Airflow's command line reads times; the DAGs bring their own."""
    zone = conf.get("core", "default_timezone")
    told = f"core.default_timezone is {zone}"
    if zone != SHANGHAI.key:
        told += f", and the DAGs run by {SHANGHAI.key}: write +08:00 behind times for airflow backfill create"
    return CheckResult(True, told)

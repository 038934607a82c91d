"""``retail config``: the settings file."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator

import click
import yaml

from retail_pipeline.business_time import local_time
from retail_pipeline.errors import PipelineError
from retail_pipeline.monitors.settings.applied import apply, content_of
from retail_pipeline.monitors.settings.changes import Change
from retail_pipeline.monitors.settings.watch import Lost, look_into
from retail_pipeline.orchestration.executor_slots import executor_slots
from retail_pipeline.orchestration.sessions import open_postgres
from retail_pipeline.orchestration.slots import made, pools_for, shortcomings
from retail_pipeline.settings.file import load_settings, settings_path
from retail_pipeline.settings.retail import Settings


@click.group()
def config() -> None:
    """Check or show the settings file."""


@config.command("check")
@click.option("--apply", "confirm", is_flag=True, help="What was lost since the last time is meant so.")
def check_config(confirm: bool) -> None:
    """Validate the settings file, and print what has changed since it was applied last.

    An error names the line, the field and the allowed values. Exit 1 where there is one; or where a shop, an account,
    an RDS or a report has been lost, and nobody has confirmed that with --apply. Changes that lose nothing apply by
    themselves, at the next run of the DAG etl_load_monitor.

    The slots of the pools and of the executor are counted too: exit status 1 where they are too few for the shops.

    \b
    Example:
      RETAIL_CONFIG=/etc/retail.yaml retail config check
      retail config check --apply
    """
    settings = load_settings()
    lacking = shortcomings(settings, made(), executor_slots())
    for line in lacking:
        click.echo(line)
    shops = ", ".join(shop.name for shop in settings.shops)
    click.echo(f"{settings_path()}: fine, {len(settings.shops)} shops: {shops}")
    confirmed = _compared(settings, confirm=confirm)
    sys.exit(1 if lacking or not confirmed else 0)


def _compared(settings: Settings, *, confirm: bool) -> bool:
    """Print what has changed since the settings were last applied; return whether nothing is left to be confirmed."""
    try:
        lost = look_into(settings)
    except PipelineError as fault:
        if confirm:
            raise
        click.echo(f"what has changed cannot be told: {fault}", err=True)
        return True
    for line in _lines(lost, lost.applied.changes(settings) if lost.applied else []):
        click.echo(line)
    if confirm:
        with open_postgres(settings.alerts.record_conn_id) as session:
            apply(session, settings)
        click.echo("applied")
    elif lost.guards:
        click.echo("confirm with --apply, or name again what is lost")
    return confirm or not lost.guards


def _lines(lost: Lost, changed: list[Change]) -> Iterator[str]:
    if lost.applied is None:
        yield "no settings were applied before"
    elif changed:
        yield f"changed since {local_time(lost.applied.at):%Y-%m-%d %H:%M:%S}:"
    for change in changed:
        yield f"  {change.path} {change.words}{_left(change, lost) if change.gone else ''}"
    if lost.orphans.found:
        yield f"  {len(lost.orphans.found)} orphans: see `retail orphans list`"
    if lost.guards:
        yield f"  guards end: {', '.join(lost.guards)}"
    for conn_id, why in lost.orphans.unasked.items():
        yield f"  what waits in {conn_id} cannot be told: {why}"


def _left(change: Change, lost: Lost) -> str:
    """Return the work that waits for an entry that is gone."""
    entry = change.path.rpartition(".")[2]
    waits = [orphan.what for orphan in lost.orphans.found if orphan.belongs_to(entry)]
    return f": {', '.join(waits)}" if waits else ""


@config.command("show")
def show_config() -> None:
    """Print the settings with every default filled in.

    \b
    Example:
      retail config show
    """
    click.echo(yaml.safe_dump(content_of(load_settings()), allow_unicode=True, sort_keys=False).rstrip())


@config.command("pools")
def show_pools() -> None:
    """Print the pools that the DAGs name, as large as the shops need, for Airflow to import.

    An Airflow that others use, too, keeps its default_pool as it is.

    \b
    Example:
      retail config pools | airflow pools import /dev/stdin
    """
    click.echo(json.dumps(pools_for(load_settings()), indent=2))

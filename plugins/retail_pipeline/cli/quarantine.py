"""``retail quarantine``: records that could not be loaded."""

from __future__ import annotations

import sys

import click

from retail_pipeline.cli.amounts import LINES
from retail_pipeline.cli.targets import conn_id_option, load_of, pipeline_option, target_session
from retail_pipeline.errors import ConfigError, RecordRejected
from retail_pipeline.settings.file import load_settings
from retail_pipeline.windows.quarantine import Quarantine


@click.group()
def quarantine() -> None:
    """See the records that were set aside, and bring them back."""


@quarantine.command("list")
@pipeline_option
@click.option(
    "--state",
    type=click.Choice(("open", "replayed", "all")),
    default="open",
    show_default=True,
    help="Only these.",
)
@click.option("--limit", type=LINES, default=50, show_default=True, help="At most so many.")
@conn_id_option
def list_entries(pipeline: str, state: str, limit: int, conn_id: str | None) -> None:
    """Print what was set aside, the latest first; exit 1 where something of it still is.

    \b
    Example:
      retail quarantine list --state all
    """
    with target_session(pipeline, conn_id) as session:
        entries = Quarantine(session).entries(pipeline, None if state == "all" else state, limit)
    width = max([12, *(len(entry["account"]) for entry in entries)])
    for entry in entries:
        seen = f"{entry['last_seen']:%Y-%m-%d %H:%M} ({entry['times']} times)"
        what = f"{entry['reason']}: {entry['detail']}" if entry["detail"] else entry["reason"]
        key = entry["source_key"] or "?"
        click.echo(
            f"{entry['id']:>6}  {entry['account']:<{width}} {key:<19} {entry['state']:<9} {seen}  {what}"
        )
    click.echo(f"{len(entries)} records")
    sys.exit(1 if any(entry["state"] == "open" for entry in entries) else 0)


@quarantine.command("show")
@click.argument("number", type=int)
@pipeline_option
@conn_id_option
def show_entry(number: int, pipeline: str, conn_id: str | None) -> None:
    """Print one record as it came. It may hold personal data: make sure that nobody else sees it.

    \b
    Example:
      retail quarantine show 12
    """
    with target_session(pipeline, conn_id) as session:
        entry = Quarantine(session).entry(number)
    for name, value in entry.items():
        if name not in ("raw", "raw_hash"):
            click.echo(f"{name:<12} {value}")
    click.echo(entry["raw"])


@quarantine.command("replay")
@click.argument("numbers", type=int, nargs=-1)
@pipeline_option
@click.option("--all", "everything", is_flag=True, help="Every record that is still set aside.")
@click.option("--as-is", is_flag=True, help="Load it whatever the quality rules say (Wangdiantong).")
@conn_id_option
def replay_entries(
    numbers: tuple[int, ...], pipeline: str, everything: bool, as_is: bool, conn_id: str | None
) -> None:
    """Load records again after the cause was mended; exit 1 where one still cannot be used.

    Orders of Wangdiantong are taken from the quarantine as they are; rows of sys_info are read again from there, or
    where they are gone, from Taobao.

    \b
    Example:
      retail quarantine replay 12 13
      retail quarantine replay --all --pipeline jushita_sys_info
    """
    if not numbers and not everything:
        raise click.UsageError("name the records, or say --all")
    settings, load = load_settings(), load_of(pipeline)
    failed = 0
    with target_session(pipeline, conn_id, stages=True) as session:
        entries = Quarantine(session)
        asked_for = numbers or entries.open_numbers(pipeline)
        if not asked_for:
            click.echo("no record is set aside")
        for number in asked_for:
            try:
                click.echo(f"{number}: {load.replay(session, settings, entries.entry(number), as_is=as_is)}")
            except ConfigError as absent:
                failed += 1
                click.echo(f"{number}: {absent}", err=True)
            except RecordRejected as rejection:
                failed += 1
                click.echo(f"{number}: still cannot be used: {rejection}", err=True)
    sys.exit(1 if failed else 0)

"""``retail quarantine``: records that could not be loaded."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from retail_pipeline.cli.amounts import LINES
from retail_pipeline.cli.progress import counted
from retail_pipeline.cli.table import Column, Listing, for_programs, lists, tell, tell_record, words
from retail_pipeline.cli.targets import conn_id_option, load_of, pipeline_option, target_session
from retail_pipeline.cli.terminal import say, visible
from retail_pipeline.errors import ConfigError, DatabaseUnavailable, PipelineError
from retail_pipeline.settings.file import load_settings
from retail_pipeline.settings.retail import Settings
from retail_pipeline.windows.quarantine import Quarantine

if TYPE_CHECKING:
    from retail_pipeline.databases.target_session import Session

_LIST = Listing(
    Column("number", "id"),
    "account",
    Column("key", "source_key", lambda key: key or "?"),
    "state",
    Column("seen last", shown=lambda row: f"{words(row['last_seen'])[:16]} ({row['times']} times)"),
    Column("why", shown=lambda row: ": ".join(filter(None, (row["reason"], row["detail"])))),
    hidden="pipeline reason detail times first_seen last_seen",
)
_ENTRY = Listing(
    "id pipeline account source_key reason detail state window_id times first_seen last_seen replayed_at",
    hidden="raw",
)


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
@lists(_LIST)
def list_entries(pipeline: str, state: str, limit: int, conn_id: str | None) -> None:
    """Print what was set aside, the latest first; exit 1 where something of it still is.

    \b
    Example:
      retail quarantine list --state all
    """
    with target_session(pipeline, conn_id) as session:
        entries = Quarantine(session).entries(pipeline, None if state == "all" else state, limit)
    tell((_LIST, entries))
    say(f"{len(entries)} records", err=True)
    sys.exit(1 if any(entry["state"] == "open" for entry in entries) else 0)


@quarantine.command("show")
@click.argument("number", type=int)
@pipeline_option
@conn_id_option
@lists(_ENTRY)
def show_entry(number: int, pipeline: str, conn_id: str | None) -> None:
    """Print one record as it came. It may hold personal data: make sure that nobody else sees it.

    \b
    Example:
      retail quarantine show 12
    """
    with target_session(pipeline, conn_id) as session:
        entry = Quarantine(session).entry(number)
    tell_record(_ENTRY, entry)
    if not for_programs():
        raw = visible(entry["raw"], "\n\t") if sys.stdout.isatty() else entry["raw"]
        click.echo(raw, color=True)  # elsewhere click would take escape sequences away


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
    settings = load_settings()
    with target_session(pipeline, conn_id, stages=True) as session:
        asked_for = numbers or Quarantine(session).open_numbers(pipeline)
        if not asked_for:
            say("no record is set aside")
        with counted(asked_for, "records tried") as tried:
            loaded = [_replayed(session, settings, number, as_is) for number in tried]
    sys.exit(0 if all(loaded) else 1)


def _replayed(session: Session, settings: Settings, number: int, as_is: bool) -> bool:
    """Replay a record, and say what came of it; return whether it can be used."""
    try:
        entry = Quarantine(session).entry(number)
        say(f"{number}: {load_of(entry['pipeline']).replay(session, settings, entry, as_is=as_is)}")
    except ConfigError as absent:
        say(f"{number}: {absent}", err=True)
    except DatabaseUnavailable:
        raise  # of none of the others would it be otherwise
    except PipelineError as fault:
        say(f"{number}: still cannot be used: {fault}", err=True)
    else:
        return True
    return False

"""``retail orphans``: leftovers of shops, accounts and RDS that the settings do not name."""

from __future__ import annotations

import sys

import click

from retail_pipeline.cli.table import Column, Listing, lists, tell
from retail_pipeline.cli.terminal import say
from retail_pipeline.errors import ConfigError
from retail_pipeline.monitors.loads.watch import watched_loads
from retail_pipeline.monitors.settings import handing_over
from retail_pipeline.monitors.settings.orphans import WATERMARK, Orphan
from retail_pipeline.monitors.settings.watch import look_into
from retail_pipeline.settings.file import load_settings
from retail_pipeline.settings.nearest_names import unknown_name
from retail_pipeline.settings.retail import Settings

_ORPHANS = Listing(
    Column("key", shown=lambda row: row["key"] or row["kind"]), "connection what", hidden="kind key"
)


@click.group()
def orphans() -> None:
    """See, hand over or close what is left of subjects that the settings do not name."""


@orphans.command("list")
@lists(_ORPHANS)
def list_orphans() -> None:
    """Print what waits for a subject that the settings do not name; exit 1 where there is any, or nobody can tell.

    outbox = orders that nothing sends; report = days of the last thirty that nothing reports; watermark = a load that
    nothing runs; guard = a subject that was watched when the settings were last applied, and is not now: `retail
    config check --apply` confirms that.

    \b
    Example:
      retail orphans list
    """
    lost = look_into(load_settings())
    rows = [_ORPHANS.row(each.conn_id, each.what, each.kind, each.key) for each in lost.orphans.found]
    rows += [_ORPHANS.row(None, guard, "guard", None) for guard in lost.guards]
    tell((_ORPHANS, rows))
    for conn_id, why in lost.orphans.unasked.items():
        say(f"{conn_id} cannot be asked: {why}", err=True)
    sys.exit(1 if rows or lost.orphans.unasked else 0)


@orphans.command("hand-over")
@click.argument("key")
@click.argument("new")
def hand_over(key: str, new: str) -> None:
    """Give KEY, as `retail orphans list` prints it, to NEW: the shop, or account, that the settings name now.

    An outbox is handed over with its history and with the position of the capture: nothing is forgotten, and what
    Youshu knows is not sent again, unless NEW has enqueued it meanwhile. A watermark hands over only the reading,
    which continues where the old name stopped; rows that are loaded keep the old name. Days of a report are handed
    over with Youshu's answers: then run the report for those that are not done. For an RDS, NEW is the instance with
    the table, as rds2/jdp_tb_trade.

    \b
    Example:
      retail orphans hand-over outbox/outlet outlet_shanghai
    """
    settings = load_settings()
    orphan = _named(settings, key)
    if orphan.kind == WATERMARK:
        _refuse_unknown_account(settings, orphan, new)
    click.echo(f"{key}: {handing_over.hand_over(orphan, new, settings)}")


@orphans.command("close")
@click.argument("key")
def close(key: str) -> None:
    """Close KEY, as `retail orphans list` prints it: its orders are never sent, its days never reported.

    A load is never continued.

    \b
    Example:
      retail orphans close outbox/outlet
    """
    click.echo(f"{key}: {handing_over.close(_named(load_settings(), key))}")


def _named(settings: Settings, key: str) -> Orphan:
    """Return the orphan that a key names; ConfigError where there is none, or where several databases have it."""
    found = look_into(settings).orphans.found
    matching = [orphan for orphan in found if orphan.key == key]
    if not matching:
        raise ConfigError(f"orphan {unknown_name(key, [orphan.key for orphan in found])}")
    if len({orphan.conn_id for orphan in matching}) > 1:
        places = ", ".join(orphan.conn_id for orphan in matching)
        raise ConfigError(f"{key} is in several databases: {places}; take all but one out of the settings")
    return matching[0]


def _refuse_unknown_account(settings: Settings, orphan: Orphan, new: str) -> None:
    pipeline = orphan.name.partition("/")[0]
    known = [
        account
        for load in watched_loads(settings)
        if (load.pipeline, load.conn_id) == (pipeline, orphan.conn_id)
        for account in load.accounts
    ]
    if new not in known:
        raise ConfigError(f"account {unknown_name(new, known)}")

"""``retail jushita``: the sellers whose data Taobao's data feed writes into sys_info."""

from __future__ import annotations

import sys

import click

from retail_pipeline import clock
from retail_pipeline.business_time import Window
from retail_pipeline.cli.jushita_health import health
from retail_pipeline.cli.progress import progress
from retail_pipeline.cli.table import Column, Listing, lists, tell
from retail_pipeline.cli.terminal import say
from retail_pipeline.orchestration.planned_subjects import jushita_of
from retail_pipeline.pipelines.jushita_monitor import push_users
from retail_pipeline.pipelines.jushita_sys_info.operators import PIPELINE
from retail_pipeline.pipelines.jushita_sys_info.reconcile_operators import is_key, no_keys
from retail_pipeline.pipelines.jushita_sys_info.repull import Repull, Repulled
from retail_pipeline.pipelines.jushita_sys_info.route import Route
from retail_pipeline.settings.file import load_settings
from retail_pipeline.settings.retail import SYS_INFO_TABLES
from retail_pipeline.vendors.taobao.client import DELETED, EXPIRED, NORMAL, PAUSED
from retail_pipeline.vendors.taobao.hook import TaobaoHook
from retail_pipeline.windows.ledger import REPAIR, LoadKey

_STATES = {
    PAUSED: "PAUSED",
    NORMAL: "normal",
    EXPIRED: "STOPPED: session expired",
    DELETED: "removed",
}
_USERS = Listing(
    "user_id rds",
    Column("push", "status", lambda status: _STATES.get(status, f"status {status}")),
    "seller",
    hidden="fine",
)
conn_id_option = click.option(
    "--conn-id", default=TaobaoHook.default_conn_name, show_default=True, help="Connection of type taobao."
)


@click.group()
def jushita() -> None:
    """Look after Jushita's data feed (聚石塔数据推送)."""


jushita.add_command(health)


@jushita.group()
def users() -> None:
    """See, add and remove the sellers whose data is pushed."""


@users.command("list")
@conn_id_option
@lists(_USERS)
def list_users(conn_id: str) -> None:
    """Print every push user of the app; exit 1 where a push is paused or stopped.

    A push stops when the seller's session expires. If the seller authorises again within a month, it continues by
    itself, and the data that was missed is pushed; after a month the platform removes the user, who must then be
    added again.

    \b
    Example:
      retail jushita users list
    """
    rows = []
    for user in TaobaoHook(conn_id).get_conn().push_users():
        rds, fine = user.rds_name or user.rds_id, user.status in (NORMAL, DELETED)
        rows.append(_USERS.row(user.user_id, rds, user.status, user.user_nick, fine))
    tell((_USERS, rows))
    waiting = sum(not row["fine"] for row in rows)
    say(f"{len(rows)} users, {waiting} paused or stopped", err=True)
    sys.exit(1 if waiting else 0)


@users.command("add")
@click.argument("nick")
@click.argument("rds_name")
@click.option(
    "--history-days",
    type=click.IntRange(0, push_users.MAX_HISTORY_DAYS),
    help="Days of history to push; without it, what the console says.",
)
@click.option("--reroute", is_flag=True, help="The seller is pushed already and shall go on to this RDS.")
@conn_id_option
def add_user(nick: str, rds_name: str, history_days: int | None, reroute: bool, conn_id: str) -> None:
    """Push the seller NICK, whose session the connection holds, to the RDS.

    A seller who is pushed already is only re-routed, and no history is pushed again: ask for it with --reroute. To
    have the history again, remove the seller, then add it; to another RDS only after ten minutes have passed.

    \b
    Example:
      retail jushita users add 山与海旗舰店 rm-bp1234 --history-days 30
      retail jushita users add 山与海旗舰店 rm-bp5678 --reroute
    """
    client = TaobaoHook(conn_id).get_conn()
    click.echo(push_users.add(client, nick, rds_name, history_days=history_days, reroute=reroute))


@users.command("remove")
@click.argument("nick")
@conn_id_option
def remove_user(nick: str, conn_id: str) -> None:
    """Stop the push of the seller NICK. Adding it again pushes its history again.

    \b
    Example:
      retail jushita users remove 山与海旗舰店
    """
    click.echo(push_users.remove(TaobaoHook(conn_id).get_conn(), nick))
    click.echo("It can be added to the same RDS at once, to another one in ten minutes.")


@jushita.command()
@click.argument("table", type=click.Choice(SYS_INFO_TABLES))
@click.argument("keys", nargs=-1, required=True)
@click.option("--instance", help="Name of the RDS in the settings, where there are several.")
def pull(table: str, keys: tuple[str, ...], instance: str | None) -> None:
    """Load single rows again, whatever the warehouse has of them; exit 1 where one of them was not loaded.

    They come from sys_info; rows that are gone there come from Taobao, for the sellers whose sessions the settings
    name. KEYS are those of the table: tid, refund_id, num_iid, fenxiao_id, dealer_order_id or dispute_id.

    \b
    Example:
      retail jushita pull jdp_tb_trade 2222000000000000001 2222000000000000002
    """
    settings = load_settings()
    of = jushita_of(settings)
    if instance is None and len(of.instances) > 1:
        known = ", ".join(each.name for each in of.instances)
        raise click.UsageError(f"say with --instance from which RDS; the settings name: {known}")
    rds = of.instance(instance) if instance else of.instances[0]
    wrong = [key for key in keys if not is_key(key)]
    good = list(dict.fromkeys(int(key) for key in keys if is_key(key)))
    now = clock.now()
    load_key = LoadKey(PIPELINE, rds.account_of(table), Window(now, now), REPAIR, "retail jushita pull")
    route = Route(rds, table, of.target_conn_id, settings.loads.jushita_sys_info)
    with route.opened() as opened, progress("rows asked for at Taobao") as told:
        found = Repull(opened, of.sessions, told=told).pull(load_key, good)
    _print_pulled(found)
    if wrong:
        click.echo(no_keys(wrong), err=True)
    sys.exit(1 if wrong or found.refused or found.rejected or found.nowhere or found.failed else 0)


def _print_pulled(found: Repulled) -> None:
    click.echo(f"{len(found.loaded)} loaded, {len(found.from_platform)} of them from Taobao")
    for key in sorted(found.refused):
        click.echo(f"{key}: not loaded: another load has brought a later version meanwhile", err=True)
    for key in sorted(found.rejected):
        click.echo(f"{key}: cannot be used; see: retail quarantine list --pipeline {PIPELINE}", err=True)
    for key in sorted(found.nowhere):
        click.echo(f"{key}: neither in sys_info nor at Taobao for the sellers of our sessions", err=True)
    for key, error in sorted(found.failed.items()):
        say(f"{key}: {error}", err=True)

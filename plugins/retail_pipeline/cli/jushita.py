"""``retail jushita``: whose data Taobao's data push writes into sys_info."""

from __future__ import annotations

import sys

import click

from retail_pipeline.cli.jushita_health import health
from retail_pipeline.taobao import push_users
from retail_pipeline.taobao.client import DELETED, EXPIRED, NORMAL, PAUSED
from retail_pipeline.taobao.hook import TaobaoHook

_STATES = {
    PAUSED: "PAUSED",
    NORMAL: "normal",
    EXPIRED: "STOPPED: session expired",
    DELETED: "removed",
}
_ROW = "{:<15} {:<24} {:<26} {}"
conn_id_option = click.option(
    "--conn-id", default=TaobaoHook.default_conn_name, show_default=True, help="Connection of type taobao."
)


@click.group()
def jushita() -> None:
    """Look after Jushita's data push (聚石塔数据推送)."""


jushita.add_command(health)


@jushita.group()
def users() -> None:
    """See, add and remove the sellers whose data is pushed."""


@users.command("list")
@conn_id_option
def list_users(conn_id: str) -> None:
    """Print every push user of the app; exit 1 where a push is paused or stopped.

    A push stops when the seller's session expires. Authorised again within a month, it goes on by itself and what
    was missed is pushed; after a month the platform removes the user, who must then be added again.

    \b
    Example:
      retail jushita users list
    """
    found = TaobaoHook(conn_id).get_conn().push_users()
    click.echo(_ROW.format("user id", "RDS", "push", "seller"))
    for user in found:
        rds = user.rds_name or user.rds_id or ""
        state = _STATES.get(user.status, f"status {user.status}")
        click.echo(_ROW.format(user.user_id, rds, state, user.user_nick))
    waiting = sum(user.status not in (NORMAL, DELETED) for user in found)
    click.echo(f"{len(found)} users, {waiting} paused or stopped")
    sys.exit(1 if waiting else 0)


@users.command("add")
@click.argument("nick")
@click.argument("rds_name")
@click.option(
    "--history-days",
    type=click.IntRange(0, push_users.MOST_HISTORY_DAYS),
    help="Days of history to push; without it, what the console says.",
)
@click.option("--reroute", is_flag=True, help="The seller is pushed already and shall go on to this RDS.")
@conn_id_option
def add_user(nick: str, rds_name: str, history_days: int | None, reroute: bool, conn_id: str) -> None:
    """Push the seller NICK, whose session the connection holds, to the RDS.

    A seller who is pushed already is only re-routed, and no history is pushed again: ask for it with --reroute. To
    have the history again, remove the seller, then add it; to another RDS not before ten minutes have passed.

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

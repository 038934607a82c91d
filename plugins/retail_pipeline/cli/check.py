"""``retail check``: every connection that the settings name, one line each."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from functools import partial

import click

from retail_pipeline.connection_checks import (
    Finding,
    check_postgres,
    check_target,
    check_vendor,
    unread,
)
from retail_pipeline.notify.channel_checks import check_channels
from retail_pipeline.push_health.source_clock import check_source
from retail_pipeline.settings import Settings
from retail_pipeline.settings_file import load_settings
from retail_pipeline.taobao.hook import TaobaoHook
from retail_pipeline.wangdiantong.hook import WangdiantongHook
from retail_pipeline.wechat.hook import WeChatHook
from retail_pipeline.youshu.hook import YoushuHook


@click.command()
def check() -> None:
    """Try every connection that the settings name; exit 1 where one fails.

    A line each: is it reachable, are the credentials accepted, how far is its clock from ours. Of a database also:
    can a session be made what we rely on, and does a canary come back as it was sent; of an RDS: are its clock and
    the stamps of its rows Beijing's; of the alarm channels: what have they not taken. What stands in an extra field
    and nobody reads is named.

    \b
    Example:
      retail check
    """
    failed = 0
    for conn_id, examine in _examinations(load_settings()):
        finding = examine(conn_id)
        failed += not finding.fine
        drift = "" if finding.drift is None else f"  clock {finding.drift.total_seconds():+.0f} s"
        message = "; ".join(filter(None, (finding.message, unread(conn_id))))
        click.echo(f"{'ok  ' if finding.fine else 'FAIL'}  {conn_id:<20} {message}{drift}")
    sys.exit(1 if failed else 0)


def _examinations(settings: Settings) -> Iterator[tuple[str, Callable[[str], Finding]]]:
    """Pair each connection, once, with what examines it."""
    pairs: dict[str, Callable[[str], Finding]] = {}
    for shop in settings.shops:
        pairs[shop.store_conn_id] = check_postgres
        pairs[shop.wechat_conn_id] = lambda conn_id: check_vendor(WeChatHook(conn_id))
        pairs[shop.youshu_conn_id] = lambda conn_id: check_vendor(YoushuHook(conn_id))
    for account in settings.wangdiantong_accounts:
        pairs[account.target_conn_id] = check_target
        pairs[account.conn_id] = lambda conn_id: check_vendor(WangdiantongHook(conn_id))
    if settings.jushita:
        for session in settings.jushita.sessions:
            pairs[session] = lambda conn_id: check_vendor(TaobaoHook(conn_id))
        pairs[settings.jushita.target_conn_id] = check_target
        for instance in settings.jushita.instances:
            pairs[instance.conn_id] = partial(check_source, instance)
    pairs.setdefault(settings.alarms.record_conn_id, check_postgres)
    pairs[settings.alarms.channels_conn_id] = lambda _conn_id: check_channels(settings.alarms)
    yield from pairs.items()

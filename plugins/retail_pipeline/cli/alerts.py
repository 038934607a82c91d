"""``retail alerts``: do the channels work, and which alerts were sent to them?"""

from __future__ import annotations

import sys
from datetime import timedelta

import click

from retail_pipeline.alerts.delivery import send
from retail_pipeline.alerts.message import Message
from retail_pipeline.business_time import SHANGHAI
from retail_pipeline.databases.postgres_session import query
from retail_pipeline.orchestration.alerting_from_settings import alerting
from retail_pipeline.orchestration.sessions import open_postgres
from retail_pipeline.settings.file import load_settings


@click.group()
def alerts() -> None:
    """Look after the alert channels."""


@alerts.command("test")
def test_alerts() -> None:
    """Send a test message to every channel, and print what each answered; exit 1 where one did not take it.

    \b
    Example:
      retail alerts test
    """
    message = Message("Test of the retail pipeline's alerts", "Nothing is wrong. 测试, 一切正常.", "info")
    failed = 0
    for channel in alerting(load_settings().alerts).read_channels():
        answer = send(channel, message)
        failed += not answer.taken
        click.echo(f"{'ok  ' if answer.taken else 'FAIL'}  {channel.shown}  {answer.words}")
    sys.exit(1 if failed else 0)


@alerts.command("list")
@click.option("--hours", type=click.IntRange(1, 24 * 366), default=24, show_default=True)
def list_alerts(hours: int) -> None:
    """Print all words of the alerts of the last hours, also of those that a message only named or counted.

    \b
    Example:
      retail alerts list --hours 2
    """
    settings = load_settings().alerts
    with open_postgres(settings.record_conn_id) as session:
        rows = query(session, "alerts/recent", {"within": timedelta(hours=hours)})
    for row in rows:
        sent = "" if row["sent_at"] else "  [a channel has not taken it 尚有渠道未接受]"
        click.echo(f"{row['raised_at'].astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}  {row['title']}{sent}")
        click.echo("".join(f"    {line}\n" for line in row["body"].splitlines()))

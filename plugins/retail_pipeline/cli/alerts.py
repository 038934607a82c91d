"""``retail alerts``: do the channels work, and which alerts were sent to them?"""

from __future__ import annotations

import sys
from datetime import timedelta

import click

from retail_pipeline.alerts.delivery import send
from retail_pipeline.alerts.message import Message
from retail_pipeline.cli.progress import counted
from retail_pipeline.cli.table import Column, Listing, lists, ok, tell, words
from retail_pipeline.databases.postgres_session import query
from retail_pipeline.orchestration.alerting_from_settings import alerting
from retail_pipeline.orchestration.sessions import open_postgres
from retail_pipeline.settings.file import load_settings

_ANSWERS = Listing(Column("state", "fine", ok), "channel answer")
_NOT_TAKEN = "a channel has not taken it 尚有渠道未接受"
_ALERTS = Listing(
    Column("raised", "raised_at"),
    Column("sent", "sent_at", lambda moment: words(moment) or _NOT_TAKEN),
    "title body",
)


@click.group()
def alerts() -> None:
    """Look after the alert channels."""


@alerts.command("test")
@lists(_ANSWERS)
def test_alerts() -> None:
    """Send a test message to every channel, and print what each answered; exit 1 where one did not take it.

    \b
    Example:
      retail alerts test
    """
    message = Message("Test of the retail pipeline's alerts", "Nothing is wrong. 测试, 一切正常.", "info")
    with counted(alerting(load_settings().alerts).read_channels(), "channels tried") as channels:
        answers = [(channel.shown, send(channel, message)) for channel in channels]
    rows = [_ANSWERS.row(answer.taken, name, answer.words) for name, answer in answers]
    tell((_ANSWERS, rows))
    sys.exit(0 if all(row["fine"] for row in rows) else 1)


@alerts.command("list")
@click.option("--hours", type=click.IntRange(1, 24 * 366), default=24, show_default=True)
@lists(_ALERTS)
def list_alerts(hours: int) -> None:
    """Print all words of the alerts of the last hours, also of those that a message only named or counted.

    \b
    Example:
      retail alerts list --hours 2
    """
    settings = load_settings().alerts
    with open_postgres(settings.record_conn_id) as session:
        rows = query(session, "alerts/recent", {"within": timedelta(hours=hours)})
    tell((_ALERTS, rows))

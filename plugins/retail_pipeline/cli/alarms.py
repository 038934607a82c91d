"""``retail alarms``: do the channels work?"""

from __future__ import annotations

import click

from retail_pipeline.notify.ringing import tell_channels
from retail_pipeline.settings_file import load_settings


@click.group()
def alarms() -> None:
    """Look after the alarm channels."""


@alarms.command("test")
def test_alarms() -> None:
    """Send a test message to every channel; fails where none took it.

    \b
    Example:
      retail alarms test
    """
    settings = load_settings().alarms
    if not tell_channels("Test of the retail pipeline's alarms", "Nothing is wrong.", settings):
        raise click.ClickException(f"no channel of connection {settings.channels_conn_id!r} took the message")
    click.echo(f"the channels of connection {settings.channels_conn_id!r} took the message")

"""Waits for the shops' order tables, which somebody else makes; any other error ends the command at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import click

from retail_pipeline import clock
from retail_pipeline.business_time import SHANGHAI
from retail_pipeline.errors import OrderTablesMissing

_LOOK_AGAIN_SECONDS = 5


def when_order_tables_are_there(change: Callable[[], None], patience: timedelta) -> None:
    """Make a change that needs them; where they are missing, say which, and try again until the time is over."""
    end = clock.now() + patience
    told = ""
    while True:
        try:
            return change()
        except OrderTablesMissing as missing:
            if clock.now() >= end:
                raise
            if str(missing) != told:
                told = str(missing)
                click.echo(f"waiting until {end.astimezone(SHANGHAI):%H:%M:%S} (Shanghai): {told}")
            clock.pause(_LOOK_AGAIN_SECONDS)

"""How many days and how many lines may be asked for."""

from __future__ import annotations

import click

DAYS = click.IntRange(1, 3650)
LINES = click.IntRange(1, 100_000)

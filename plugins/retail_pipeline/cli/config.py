"""``retail config``: the settings file."""

from __future__ import annotations

import sys

import click
import yaml

from retail_pipeline.executor_slots import executor_slots
from retail_pipeline.settings_file import load_settings, settings_path
from retail_pipeline.slots import made, shortcomings


@click.group()
def config() -> None:
    """Check or show the settings file."""


@config.command("check")
def check_config() -> None:
    """Validate the settings file; an error names line, field and what is allowed.

    Also count the slots of the pools and of the executor: exit status 1 where they do not suffice for the shops.

    \b
    Example:
      RETAIL_CONFIG=/etc/retail.yaml retail config check
    """
    settings = load_settings()
    if lacking := shortcomings(settings, made(), executor_slots()):
        click.echo("\n".join(lacking))
        sys.exit(1)
    shops = ", ".join(shop.name for shop in settings.shops)
    click.echo(f"{settings_path()}: fine, {len(settings.shops)} shops: {shops}")


@config.command("show")
def show_config() -> None:
    """Print the settings with every default filled in.

    \b
    Example:
      retail config show
    """
    content = load_settings().model_dump(mode="json")
    click.echo(yaml.safe_dump(content, allow_unicode=True, sort_keys=False).rstrip())

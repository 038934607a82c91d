"""The shops whose outboxes a command reads, and how it prints the rows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from math import isfinite
from typing import TYPE_CHECKING, Any

import click

from retail_pipeline.business_time import SHANGHAI
from retail_pipeline.errors import ConfigError
from retail_pipeline.orchestration.sessions import open_postgres
from retail_pipeline.settings.retail import Settings, Shop

if TYPE_CHECKING:
    import psycopg

shop_option = click.option("--shop", help="Only this one; else all that push orders.")
json_option = click.option("--json", "as_json", is_flag=True, help="A JSON object a line.")


def outboxes(settings: Settings, name: str | None) -> Iterator[tuple[Shop, psycopg.Connection[Any]]]:
    """Yield the shops whose orders are pushed, each with its database.

    :raises ConfigError: there is none of that name, or its orders are not pushed
    """
    shops = settings.shops_that_push_orders()
    if name is not None:
        shops = [shop for shop in shops if shop == settings.shop(name)]
        if not shops:
            raise ConfigError(f"orders of shop {name!r} are not pushed: shops[].orders is none")
    for shop in shops:
        with open_postgres(shop.store_conn_id) as session:
            yield shop, session


def time_text(moment: datetime | None) -> str:
    """Return a moment in Shanghai time as text; empty for None."""
    return f"{moment.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}" if moment else ""


def json_line(row: dict[str, Any]) -> str:
    """Return a row as a line of JSON: times with their offset, numbers as numbers."""
    return json.dumps(row, ensure_ascii=False, default=_plain)


def _plain(value: Any) -> Any:
    """JSON has no NaN, which a numeric column may hold."""
    if isinstance(value, datetime):
        return value.isoformat()
    number = float(value)
    return number if isfinite(number) else None

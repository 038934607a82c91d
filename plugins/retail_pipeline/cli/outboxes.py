"""The shops whose outboxes a command reads."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from retail_pipeline.errors import ConfigError
from retail_pipeline.orchestration.sessions import open_postgres
from retail_pipeline.settings.retail import Settings, Shop

if TYPE_CHECKING:
    import psycopg

shop_option = click.option("--shop", help="Only this one; else all that push orders.")


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

"""A settings file that is edited, its databases, and who watches it."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import yaml
from click.testing import CliRunner, Result

from retail_pipeline.cli.main import retail
from retail_pipeline.monitors.settings.operators import WatchSettingsOperator
from retail_pipeline.orchestration.sessions import open_target
from retail_pipeline.settings.file import DEFAULT_PATH
from retail_pipeline.windows.ledger import WindowLedger
from tests.order_push.orders import NOON, ShopOrders

HOUR = timedelta(hours=1)
AFTERSALES = "wangdiantong_aftersales"


class WatchedSettings:
    """The settings file, its databases, and who watches it."""

    def __init__(self, path: Path, clock: Any, alerts: Any, store: psycopg.Connection[Any]) -> None:
        self.path, self.clock, self.alerts, self.store = path, clock, alerts, store
        self._stamp = 1_800_000_000_000_000_000
        self.content = yaml.safe_load(DEFAULT_PATH.read_text(encoding="utf-8"))
        self.write()

    def write(self) -> None:
        self.path.write_text(yaml.safe_dump(self.content, allow_unicode=True), encoding="utf-8")
        self._stamp += 1  # two writes within a tick of the file system look the same
        os.utime(self.path, ns=(self._stamp, self._stamp))

    def rename(self, kind: str, new: str) -> None:
        """Give the second entry another name."""
        self.content[kind][1]["name"] = new
        self.write()

    def drop(self, kind: str) -> None:
        del self.content[kind][1]
        self.write()

    def alerted(self) -> list[str]:
        """Let ten minutes pass and the watch look; return the titles of what is sent."""
        self.clock.advance(timedelta(minutes=10))
        self.alerts.messages.clear()
        WatchSettingsOperator(task_id="watch_settings").execute({})
        return list(self.alerts.titles)

    def watermark(self, account: str, hours: int) -> None:
        with open_target("bi_mysql") as session:
            WindowLedger(session).start_watermark(AFTERSALES, account, NOON + hours * HOUR)

    def marks(self) -> dict[str, int]:
        """Return each account's watermark, in hours from noon."""
        with open_target("bi_mysql") as session:
            ledger = WindowLedger(session)
            found = {name: ledger.watermark(AFTERSALES, name) for name in ("flagship", "outlet", "factory")}
        return {name: (mark - NOON) // HOUR for name, mark in found.items() if mark}


def call(*arguments: str) -> Result:
    result = CliRunner().invoke(retail, list(arguments))
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def with_orders(world: WatchedSettings, shop: str = "outlet") -> ShopOrders:
    """Place an order that was shipped, of which the first state was sent, and one that waits."""
    orders = ShopOrders(world.store, shop)
    orders.place(1, "1150", "1160")
    orders.place(2)
    world.store.execute(
        "UPDATE t_store_youshu_request SET status = 1 WHERE order_id = 1 AND push_type = '1110'"
    )
    return orders

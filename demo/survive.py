"""`script/survive`: kills each process that sends a shop's orders, one after the other, and measures the gap."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path

from demo.deaths import DEATHS, Death, Site
from demo.order_stream import OrderStream
from demo.shop_orders import fill_shops
from demo.summary import ORDER_PUSH
from devstack import airflow_servers, services
from devstack.airflow_settings import settings
from devstack.place import Place
from devstack.runs import wait_parsed
from devstack.services import Services
from devstack.session import stop_all
from devstack.steps import LOCAL, ROOT, StackError, locked, step

PLACE = Place(LOCAL / "survive")
PAGE = ROOT / "docs" / "reliability.md"
BEGIN, END = "<!-- survival: written by script/survive -->\n", "<!-- end of survival -->"
_MONITOR = "youshu_push_monitor"
# The backend of this shop enqueues; the other shop's orders are read every half minute anyway.
_SHOP = "flagship"
_LIMIT = 60.0
_HEAD = """
| executor | what dies | longest wait | day, load of the machine | |
|---|---|---|---|---|
"""


def survive(names: Sequence[str]) -> int:
    """:param names: of deaths; none: all"""
    if unknown := set(names) - {death.name for death in DEATHS}:
        raise StackError(
            f"unknown: {', '.join(unknown)}; there are {', '.join(death.name for death in DEATHS)}"
        )
    deaths = [death for death in DEATHS if not names or death.name in names]
    gaps = {}
    with locked(PLACE.home / "survive.lock", "script/survive"):
        try:
            for death, gap, told in _gaps(deaths):
                gaps[death.name] = gap
                write(death, row(death, gap, f"{datetime.now(UTC):%Y-%m-%d}", os.getloadavg()[2], told))
        finally:
            with step("everything stopped"):
                stop_all(PLACE)
    return 1 if any(gap > _LIMIT for gap in gaps.values()) else 0


def _gaps(deaths: Sequence[Death]) -> Iterator[tuple[Death, float, str]]:
    services.start(PLACE)
    _prepare()
    for workers, same in groupby(deaths, key=lambda death: death.workers):
        site = Site(PLACE, _SHOP, workers)
        site.revive()
        airflow = airflow_servers.api(PLACE)
        wait_parsed(airflow, [Path(f"dags/{name}.py") for name in (ORDER_PUSH, _MONITOR)], 0)
        for name in (ORDER_PUSH, _MONITOR):
            airflow.set_paused(name, False)
        for death in same:
            with step(f"{death.name}: before"):
                death.arrange(site)
            with step(f"{death.name}: {death.what}"):
                gap, told = _gap(site, death)
            print(f"{key(death)} {gap:.1f} s | {told} |", flush=True)
            yield death, gap, told


def _gap(site: Site, death: Death) -> tuple[float, str]:
    """Return the longest wait of an order that was committed after the death."""
    stream = OrderStream(Services.at(PLACE).postgres.url("store"), _SHOP)
    thread = threading.Thread(target=stream.run, args=[death.watched_seconds])
    thread.start()
    since, told = death.strike(site)
    thread.join()
    site.revive()
    return stream.max_wait(since), told


def _prepare() -> None:
    env = {**os.environ, **settings(PLACE)}
    yesterday = datetime.now(UTC).date() - timedelta(days=1)
    with step("orders of the shops, and the tables of the pipelines"):
        fill_shops(Services.at(PLACE).postgres.url("store"), yesterday, yesterday, env)


def key(death: Death) -> str:
    """Return how the line of a death begins."""
    executor = f"Celery, {death.workers} workers" if death.workers else "Local"
    return f"| {executor} | {death.what} |"


def row(death: Death, gap: float, day: str, load: float, told: str) -> str:
    return f"{key(death)} {gap:.1f} s | {day}, {load:.0f} | {told} |"


def write(death: Death, line: str, page: Path = PAGE) -> None:
    """Write the line into its place, and leave the others as they are."""
    before, _, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    table, _, after = rest.partition(END)
    lines = table.splitlines()
    known = {each.name: old for each in DEATHS for old in lines if old.startswith(key(each))}
    known[death.name] = line
    rows = "\n".join(known[each.name] for each in DEATHS if each.name in known)
    page.write_text(f"{before}{BEGIN}{_HEAD}{rows}\n\n{END}{after}", encoding="utf-8")

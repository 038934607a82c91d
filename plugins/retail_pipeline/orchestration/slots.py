"""How many slots the pools and the executor need, as far as that follows from the settings."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from retail_pipeline.settings.file import DEFAULT_PATH
from retail_pipeline.settings.retail import Settings

POOLS = DEFAULT_PATH.with_name("pools.json")
# The DAGs of which one task stays, and serves all its subjects in threads: a test counts them.
RESIDENT_DAGS: Final = ("youshu_order_push",)
RESIDENTS, HELPERS, BY_HAND, GUARDS = "residents", "order_push", "orders_by_hand", "guards"
_MIN_HELPERS = 2  # one may stand in for all shops
_MIN_GUARDS = 2  # one may wait for a database that is silent


def needed(settings: Settings) -> dict[str, int]:
    """Return how many slots each pool needs: those that stay hold theirs all the time, and so do their standbys.

    One slot more is for the run that takes over: the oldest leaves when it is there.
    """
    pushing = bool(settings.shops_that_push_orders())
    return {
        RESIDENTS: 2 * len(RESIDENT_DAGS) + 1,
        HELPERS: _MIN_HELPERS * pushing,
        BY_HAND: int(pushing),
        GUARDS: _MIN_GUARDS,
    }


def made(path: Path = POOLS) -> dict[str, int]:
    """Return the slots of the pools in the file that creates them."""
    pools = json.loads(path.read_text(encoding="utf-8"))
    return {name: int(pool["slots"]) for name, pool in pools.items()}


def shortcomings(settings: Settings, pools: Mapping[str, int], executor: Mapping[str, int]) -> list[str]:
    """Return in words which limits are too low; [] if none is.

    :param pools: the slots of each pool
    :param executor: the limits on tasks that run at once, by the setting's name
    """
    wanted = needed(settings)
    words = [
        f"pool {name} has {pools.get(name, 0)} slots and needs {slots}: change it in {POOLS}, then "
        f"`airflow pools import {POOLS}` (资源池 {name} 需 {slots} 个槽位)"
        for name, slots in wanted.items()
        if pools.get(name, 0) < slots
    ]
    total = sum(max(pools.get(name, 0), wanted.get(name, 0)) for name in {*pools, *wanted})
    words += [
        f"the executor runs {slots} tasks at once, and the pools have {total} slots: set {name} to {total}, else "
        f"tasks that stay take the slots of those that watch (执行器并发数需 {total})"
        for name, slots in executor.items()
        if slots < total
    ]
    return words

"""What a process that sends orders is told; connections are in its environment, as Airflow would have them."""

from __future__ import annotations

from dataclasses import dataclass

from bench.measuring.job import Job

SHOP, STORE, YOUSHU = "bench", "bench_store", "bench_youshu"  # the shop and its connections
HOLDS_LOCK = "holding its lock"  # what a sender that stays says when it listens


@dataclass(frozen=True)
class Sending(Job):
    """One run of one sender.

    :param orders: how many it has to bring
    """

    orders: int

"""What a runner's process is told of the load. Standard library only: the peers run in an environment of their own.

The connections are in the process's environment as URLs, as Airflow would have them: no password is an argument.
A process that loads tells with its measurement in which tables the rows are, so that the bench can count them::

    meter.tell(tables=dict(zip(PARTS, ("schema.trade", …), strict=True)))
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from bench.measuring.job import Job, variable

SOURCE, TARGET = "bench_sys_info", "bench_warehouse"  # connection ids
PARTS = TRADE, ORDER, PROMOTION = "trade", "order", "promotion"


@dataclass(frozen=True)
class SysInfoLoad(Job):
    """One run of one runner.

    :param start: the window [start, end) of jdp_modified that holds all trades, in Shanghai's time
    :param expected: how many there are of each of PARTS
    :param folder: what bench.sys_info_load.prepare has made of the rows
    :param processes: how many the load may use
    """

    start: str
    end: str
    expected: Mapping[str, int]
    folder: str
    processes: int


def url(conn_id: str) -> str:
    """Return a connection's URL, ``mysql://…`` or ``postgresql://…``."""
    return os.environ[variable(conn_id)]

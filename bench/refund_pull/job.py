"""What a runner's process is told of the pull. Standard library only: dlt runs in an environment of its own.

The connections to the vendor and to the database are in the process's environment, as Airflow would have them.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from typing import Any

from bench.measuring.job import Job, variable

PAGE_SIZE = 200
VENDOR, TARGET = "bench_wangdiantong", "bench_mysql"  # connection ids
DATABASE, DLT_DATABASE = "bench_aftersales", "bench_aftersales_dlt"


@dataclass(frozen=True)
class RefundPull(Job):
    """One run of one runner.

    :param start: the window that holds all orders, in Shanghai's time, ``yyyy-MM-dd HH:mm:ss``
    """

    orders: int
    start: str
    end: str
    fetchers: int

    def window(self) -> dict[str, str]:
        """Return the window as the vendor's search wants it."""
        return {"modified_from": self.start, "modified_to": self.end}


def connection(conn_id: str) -> dict[str, Any]:
    """Return a connection as the environment has it."""
    return dict(json.loads(os.environ[variable(conn_id)]))

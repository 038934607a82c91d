"""Starts the Youshu of the bench, and asks it what came."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.request import urlopen

from bench.order_push.vendor_server import Seen
from devstack.steps import ROOT


@dataclass(frozen=True)
class Vendor:
    url: str
    pid: int

    def seen(self) -> Seen:
        """Return what came since this was asked last."""
        with urlopen(f"{self.url}/_seen", timeout=10) as answer:
            return Seen(**json.load(answer))

    def connection(self) -> dict[str, Any]:
        """Return it as Airflow's connections are written in JSON."""
        fields = {"environment": "test", "merchant_id": "1", "data_source_id": "1"}
        return {
            "conn_type": "youshu",
            "host": self.url,
            "login": "bench",
            "password": "bench-secret",
            "extra": fields,
        }


@contextmanager
def started() -> Iterator[Vendor]:
    """Start it at a free port; it ends with the bench."""
    command = [sys.executable, "-m", "bench.order_push.vendor_server"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            yield Vendor(process.stdout.readline().strip(), process.pid)
        finally:
            process.terminate()

"""The vendor: a sandbox of the bench's own, filled with orders, slow by as much as a page takes."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.request import Request, urlopen

from devstack.steps import ROOT
from devstack.vendor_connections import vendor_connections

ACCOUNT = "flagship"
CONNECTION = "wangdiantong_default"  # what that account is called as a connection; it goes through Qimen
FROM, TO = "2026-11-16 00:00:00", "2026-11-21 00:00:00"  # in Shanghai
SECONDS_A_PAGE = 0.05
CALLS_PER_MINUTE = 100_000  # so that no budget is what is measured


@dataclass(frozen=True)
class Vendor:
    url: str
    pid: int

    def fill(self, orders: int) -> None:
        """Replace what the account has: so many orders, evenly over the window."""
        start, end = (f"{moment.replace(' ', 'T')}+08:00" for moment in (FROM, TO))
        self._control("refunds_fill", {"account": ACCOUNT, "count": orders, "from": start, "to": end})

    def connection(self) -> dict[str, Any]:
        connection = vendor_connections(self.url)[CONNECTION]
        return {**connection, "extra": {**connection["extra"], "calls_per_minute": CALLS_PER_MINUTE}}

    def be_slow(self) -> None:
        path = {"path": "/router/qm"}
        self._control("faults", {**path, "kind": "slow", "seconds": SECONDS_A_PAGE})

    def _control(self, name: str, fields: dict[str, Any]) -> None:
        request = Request(f"{self.url}/_control/{name}", data=json.dumps(fields).encode(), method="POST")
        with urlopen(request, timeout=300) as answer:
            answer.read()


@contextmanager
def started() -> Iterator[Vendor]:
    """Start it at a free port; it ends with the bench."""
    command = [sys.executable, "-m", "sandbox", "--port", "0"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            vendor = Vendor(process.stdout.readline().split()[-1], process.pid)
            vendor.be_slow()
            yield vendor
        finally:
            process.terminate()

"""What the project's one digest (SHA-256) costs where it is worked out: in Python, by a source and by a warehouse.

Each row is a trade of sys_info, which the product has loaded from a MariaDB into a PostgreSQL of the bench's own.
``ours:…`` are the product's functions and statements: a fingerprint in Python; ``tally`` of each load and ``digest``
of each night, by the source; ``digest`` and ``content`` of each night, by the warehouse. ``content`` writes every
trade with its lines once more as JSON, and holds the digest of that against what was kept when it was loaded.
``limit:…`` reads the same rows without a digest. MD5 is there in Python alone: MySQL has given it up in 9.6.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from typing import Any

from bench.measuring.job import variable
from bench.measuring.own_mariadb import OwnMariaDB
from bench.measuring.own_postgres import OwnPostgres
from bench.measuring.table import Row, Sample, arguments, show, take_turns
from bench.sys_info_load.job import SOURCE, TARGET
from bench.sys_info_load.runners import Runners
from bench.sys_info_load.source import FROM, TO, fill_source
from bench.sys_info_load.targets import ONE
from devstack.steps import LOCAL, StackError, locked, step
from retail_pipeline.business_time import Window, from_local_time
from retail_pipeline.databases.target_session import query_text
from retail_pipeline.orchestration.sessions import open_mysql, open_target
from retail_pipeline.pipelines.jushita_sys_info.warehouse import WarehouseTable
from retail_pipeline.tables.fingerprint import MODULUS, fingerprint, sum_of
from retail_pipeline.vendors.taobao.sys_info import SysInfoTable
from retail_pipeline.vendors.taobao.tables import TB_TRADE

SIZES = (20_000, 200_000)
ROUNDS = 5
DATABASE = "bench_digest"
INSTANCE = "bench"
WINDOW = Window(*(from_local_time(datetime.fromisoformat(end)) for end in (FROM, TO)))
_OF_SOURCE = "SELECT COUNT(*) AS total, MAX({columns}) FROM jdp_tb_trade WHERE jdp_modified < '2100-01-01'"
_OF_WAREHOUSE = "SELECT COUNT(*) AS total, MAX(jdp_modified), MAX(jdp_hashcode) FROM taobao_trade"


@dataclass(frozen=True)
class Loaded:
    """The same trades on both sides."""

    trades: int
    source: SysInfoTable
    warehouse: WarehouseTable

    def runners(self) -> dict[str, Callable[[], Sample]]:
        """Return them in the order in which they take turns."""
        in_index = _OF_SOURCE.format(columns="tid")
        in_rows = _OF_SOURCE.format(columns="jdp_hashcode")
        counts: dict[str, Callable[[], int]] = {
            "limit:python-text": lambda: sum(bool(_text(parts)) for parts in self._rows()),
            "ours:python": self._ours,
            "peer:python-md5": self._md5,
            "limit:source-index": lambda: self._counted(self.source.session, in_index),
            "ours:source-tally": lambda: self.source.tally(WINDOW).total,
            "limit:source-rows": lambda: self._counted(self.source.session, in_rows),
            "ours:source-digest": lambda: self.source.version_tally(WINDOW).total,
            "limit:warehouse-rows": lambda: self._counted(self.warehouse.session, _OF_WAREHOUSE),
            "ours:warehouse-digest": lambda: self.warehouse.version_tally(WINDOW).total,
            "ours:warehouse-content": lambda: self.trades - len(self.warehouse.altered_keys(WINDOW)),
        }
        return {name: self._timed(name, count) for name, count in counts.items()}

    def _timed(self, name: str, count: Callable[[], int]) -> Callable[[], Sample]:
        def run() -> Sample:
            began = time.perf_counter()
            found = count()
            seconds = time.perf_counter() - began
            if found != self.trades:
                raise StackError(f"{name}: {found} rows instead of {self.trades}")
            return Sample(seconds, getrusage(RUSAGE_SELF).ru_maxrss / 1024)

        return run

    def _rows(self) -> Iterator[tuple[int, str]]:
        return ((tid, "2026-11-22 10:00:00.000000") for tid in range(10**15, 10**15 + self.trades))

    def _ours(self) -> int:
        row_hashes = [fingerprint(tid, modified) for tid, modified in self._rows()]
        return len(row_hashes) if sum_of(row_hashes) else 0

    def _md5(self) -> int:
        """Work out the same as ``fingerprint`` does, by the other digest."""
        row_hashes = [
            int.from_bytes(hashlib.md5(_text(parts)).digest()[:8], "big") % MODULUS for parts in self._rows()
        ]
        return len(row_hashes) if sum_of(row_hashes) else 0

    def _counted(self, session: Any, sql: str) -> int:
        return int(query_text(session, sql)[0]["total"])


def _text(parts: tuple[object, ...]) -> bytes:
    """Return of what ``fingerprint`` makes its digest."""
    return "|".join(map(str, parts)).encode()


def main() -> None:
    """Print the table."""
    options = arguments(__doc__ or "")
    rows: list[Row] = []
    with (
        locked(LOCAL / "bench-digest.lock", "script/bench digest"),
        OwnMariaDB(DATABASE) as source,
        OwnPostgres(DATABASE) as target,
    ):
        source.fresh()
        runners = Runners(source, target, Path())
        os.environ.update({variable(SOURCE): source.url, variable(TARGET): target.url})
        for trades in SIZES[:1] if options.quick else SIZES:
            with step(f"{trades} trades in sys_info"):
                expected = fill_source(source.url, trades)
            with _loaded(runners, trades, expected) as loaded:
                rows += take_turns(loaded.runners(), n=trades, rounds=ROUNDS)
    show(rows, options.json)


@contextmanager
def _loaded(runners: Runners, trades: int, expected: Mapping[str, int]) -> Iterator[Loaded]:
    runners.all(expected, str(LOCAL))[ONE]()
    with open_mysql(SOURCE, writes=False) as source, open_target(TARGET) as warehouse:
        table = SysInfoTable(source, SOURCE, TB_TRADE, page_rows=2_000)
        if not table.exists():
            raise StackError("sys_info has no trades")
        yield Loaded(trades, table, WarehouseTable(warehouse, TB_TRADE, INSTANCE))


if __name__ == "__main__":
    main()

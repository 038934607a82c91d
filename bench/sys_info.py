"""How long it takes to load Taobao's sys_info (4 KB of JSON a trade) from MariaDB into PostgreSQL.

``limit:read``, ``limit:decode`` and ``limit:copy`` are the three steps of it, each alone; ``peer:…`` is what users of
row-by-row code, pandas and dlt would write. Each run is a new process and begins with an empty target; imports and
connecting are not timed, and memory (``peak_mb``) is all that a process had at most. A run that did not bring every
trade, sub-order and promotion ends the bench. The databases are the bench's own.
"""

from __future__ import annotations

from tempfile import TemporaryDirectory

from bench.measuring import peer_venv
from bench.measuring.cpu_shares import cpu_shares
from bench.measuring.own_mariadb import OwnMariaDB
from bench.measuring.own_postgres import OwnPostgres
from bench.measuring.table import Row, arguments, show, take_turns, unrepeated
from bench.sys_info_load.runners import Runners
from bench.sys_info_load.source import fill_source
from bench.sys_info_load.targets import judged
from devstack.steps import LOCAL, locked, step

SIZES = (20_000, 200_000)
ROUNDS = 3
PATIENCE, QUICK_PATIENCE = 100.0, 15.0  # seconds; a runner that takes longer is run once
DATABASE = "bench_sys_info"
BUFFER_POOL = 2 << 30  # bytes; an RDS has its latest rows in memory, and this is not about a disk


def main() -> None:
    """Print the table, what of it was not repeated, the targets, and where the time went."""
    options = arguments(__doc__ or "")
    patience = QUICK_PATIENCE if options.quick else PATIENCE
    rows: list[Row] = []
    with (
        locked(LOCAL / "bench-sys-info.lock", "script/bench sys-info"),
        OwnMariaDB(DATABASE, buffer_pool=BUFFER_POOL) as source,
        OwnPostgres(DATABASE) as target,
    ):
        runners = Runners(source, target, peer_venv.interpreter())
        source.fresh()
        for trades in SIZES[:1] if options.quick else SIZES:
            with step(f"{trades} trades in sys_info"):
                expected = fill_source(source.url, trades)
            with TemporaryDirectory(prefix="bench-sys-info-", dir=LOCAL) as folder:
                runners.prepare(expected, folder)
                rows += take_turns(runners.all(expected, folder), n=trades, rounds=ROUNDS, patience=patience)
    show(rows, options.json, memory="MB a process")
    for note in unrepeated(rows, ROUNDS, patience):
        print(note)
    targets = [str(each) for each in judged(rows)] or ["none can be judged: ours is not measured yet"]
    print("\nTargets:", *targets, sep="\n")
    print("\nWhere the time went:", *cpu_shares(runners.measured), sep="\n")


if __name__ == "__main__":
    main()

"""What the product promises itself of the order push, held against the rows of one table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bench.measuring.delays import DelayRow
from bench.measuring.judging import Judged
from bench.measuring.table import Row

BACKLOG, STATES = "ours:backlog", "ours:backlog-four-states"
LATENCY, ENQUEUE, DRAIN = "ours:latency", "ours:enqueue", "ours:drain"
SEED = "peer:seed-design"
FULL = 100_000  # rows, which are to be gone in a minute
_SECONDS, _RATE, _MEMORY, _THREADS = 60, 1_700, 150, 8
_LATENCY_MS, _ENQUEUE_MS, _GROWTH = 3_000, 1, 1.25


def judged(rows: Sequence[Row], at_once: int) -> Iterator[Judged]:
    """Yield all targets that the rows can tell of.

    :param at_once: the most calls that were at the vendor at the same time
    """
    for row in rows:
        if row.runner in (BACKLOG, STATES):
            yield from _backlog(row)
    yield Judged(f"at most {_THREADS} calls at once", str(at_once), at_once <= _THREADS)
    delays = [row for row in rows if isinstance(row, DelayRow)]
    for row in delays:
        if row.runner in (LATENCY, ENQUEUE):
            most = _LATENCY_MS if row.runner == LATENCY else _ENQUEUE_MS
            yield Judged(f"{_title(row)}: p99 under {most} ms", f"{row.p99_ms:.3f} ms", row.p99_ms < most)
    drains = sorted((row for row in delays if row.runner == DRAIN), key=lambda row: row.beside)
    for row in drains[1:]:
        times = row.p50_ms / drains[0].p50_ms
        text = f"{_title(row)}: at most {_GROWTH} × as long as beside {drains[0].beside}"
        yield Judged(text, f"{times:.2f} ×", times <= _GROWTH)


def _backlog(row: Row) -> Iterator[Judged]:
    name = f"{row.n}: {row.runner}"
    if row.n >= FULL:
        yield Judged(f"{name} in under {_SECONDS} s", f"{row.seconds:.1f} s", row.seconds < _SECONDS)
    rate = row.rows_per_second
    yield Judged(f"{name} at least {_RATE} rows a second", f"{rate:.0f}", rate >= _RATE)
    yield Judged(f"{name} takes less than {_MEMORY} MB", f"{row.peak_mb:.1f} MB", row.peak_mb < _MEMORY)


def _title(row: DelayRow) -> str:
    return f"{row.runner} beside {row.beside} rows" if row.beside else row.runner

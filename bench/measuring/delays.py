"""How long single things took within a run, beside how long the run did."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median, quantiles

from bench.measuring.table import Row


@dataclass(frozen=True)
class Delays:
    """One run.

    :param delays: of each of them, in seconds
    :param seconds: of the run
    """

    delays: Sequence[float]
    seconds: float
    peak_mb: float = 0.0


@dataclass(frozen=True)
class DelayRow(Row):
    """All runs of one runner; p50 and p99 are the medians of theirs, the greatest is that of all.

    :param beside: rows that were in the table and had nothing to do with it
    """

    beside: int
    p50_ms: float
    p99_ms: float
    max_ms: float


def delay_row(runner: str, beside: int, runs: Sequence[Delays]) -> DelayRow:
    n, seconds = len(runs[0].delays), median(run.seconds for run in runs)
    percents = [quantiles(run.delays, n=100, method="inclusive") for run in runs]
    return DelayRow(
        runner=runner,
        n=n,
        seconds=round(seconds, 4),
        rows_per_second=round(n / seconds, 1),
        peak_mb=round(max(run.peak_mb for run in runs), 1),
        runs=[round(run.seconds, 4) for run in runs],
        beside=beside,
        p50_ms=round(1000 * median(cuts[49] for cuts in percents), 3),
        p99_ms=round(1000 * median(cuts[98] for cuts in percents), 3),
        max_ms=round(1000 * max(max(run.delays) for run in runs), 3),
    )


def show_delays(rows: Sequence[DelayRow]) -> None:
    print(
        f"\n{'each single one':<34} {'n':>8} {'beside rows':>12} {'p50 ms':>10} {'p99 ms':>10} {'max ms':>10}"
    )
    for row in rows:
        times = f"{row.p50_ms:>10.3f} {row.p99_ms:>10.3f} {row.max_ms:>10.3f}"
        print(f"{row.runner:<34} {row.n:>8} {row.beside:>12} {times}")

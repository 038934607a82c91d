"""What the product promises itself, held against the rows of one table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bench.measuring.judging import Judged
from bench.measuring.table import Row

LIMIT, ONE, FOUR, DLT = "limit:fetch", "ours:one-fetcher", "ours:four-fetchers", "peer:dlt"
OURS = (ONE, FOUR)


def judged(rows: Sequence[Row]) -> Iterator[Judged]:
    """Yield all targets that the rows can tell of."""
    seconds = {(row.n, row.runner): row.seconds for row in rows}
    memory = {(row.n, row.runner): row.peak_mb for row in rows}
    sizes = sorted({row.n for row in rows})
    for n in sizes:
        floor = seconds[n, LIMIT]
        share, times = seconds[n, ONE] / floor, floor / seconds[n, FOUR]
        yield Judged(f"{n}: {ONE} at most 1.15 × {LIMIT}", f"{share:.2f} ×", share <= 1.15)
        yield Judged(f"{n}: {FOUR} at least 3 × as fast as {LIMIT}", f"{times:.2f} ×", times >= 3)
        for ours in OURS:
            times = seconds[n, DLT] / seconds[n, ours]
            yield Judged(f"{n}: {ours} at least 5 × as fast as {DLT}", f"{times:.2f} ×", times >= 5)
            most = memory[n, ours]
            yield Judged(f"{n}: {ours} takes less than 80 MB", f"{most:.1f} MB", most < 80)
    small, large = sizes[0], sizes[-1]
    if small != large:
        for ours in OURS:
            more = memory[large, ours] - memory[small, ours]
            yield Judged(
                f"{large}: {ours} takes at most 10 MB more than {small}", f"{more:.1f} MB", more <= 10
            )
            ratio = seconds[large, ours] / large / (seconds[small, ours] / small)
            yield Judged(
                f"{large}: {ours} as long for an order as {small}, ± 20 %",
                f"{ratio - 1:+.0%}",
                0.8 <= ratio <= 1.2,
            )

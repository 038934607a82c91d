"""A bench's result: one row per runner, printed side by side and written as JSON."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from math import inf
from pathlib import Path
from statistics import median


@dataclass(frozen=True)
class Sample:
    """One run of one runner: how long it took, and the most memory it had."""

    seconds: float
    peak_mb: float


@dataclass(frozen=True)
class Row:
    """All runs of one runner; ``seconds`` is their median, ``peak_mb`` the highest."""

    runner: str
    n: int
    seconds: float
    rows_per_second: float
    peak_mb: float
    runs: list[float]


def take_turns(
    runners: Mapping[str, Callable[[], Sample]], *, n: int, rounds: int, patience: float = inf
) -> list[Row]:
    """Run every runner once per round, in turn, so that a machine that slows down slows all of them.

    :param patience: seconds; a runner that has once taken longer is not run again
    """
    samples: dict[str, list[Sample]] = {name: [] for name in runners}
    for _ in range(rounds):
        for name, run in runners.items():
            if all(sample.seconds <= patience for sample in samples[name]):
                samples[name].append(run())
    return [_row(name, n, taken) for name, taken in samples.items()]


def unrepeated(rows: Sequence[Row], rounds: int, patience: float) -> list[str]:
    """Return a note for every row that is no median of all rounds, so that nobody takes it for one."""
    slow = [row for row in rows if len(row.runs) < rounds]
    return [
        f"note: {row.runner} at {row.n} takes longer than {patience:g} s: run {len(row.runs)} ×, not {rounds} ×"
        for row in slow
    ]


def _row(runner: str, n: int, samples: Sequence[Sample]) -> Row:
    seconds = median(sample.seconds for sample in samples)
    return Row(
        runner=runner,
        n=n,
        seconds=round(seconds, 4),
        rows_per_second=round(n / seconds, 1),
        peak_mb=round(max(sample.peak_mb for sample in samples), 1),
        runs=[round(sample.seconds, 4) for sample in samples],
    )


def arguments(description: str) -> argparse.Namespace:
    """Read what every bench takes: ``--quick`` and ``--json FILE``."""
    parser = argparse.ArgumentParser(prog="script/bench", description=description)
    parser.add_argument("--quick", action="store_true", help="the small size only, under three minutes")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the rows there too")
    return parser.parse_args()


def show(rows: Sequence[Row], json_file: Path | None, *, memory: str = "peak MB") -> None:
    """Print the table; write the same rows as JSON.

    :param memory: what ``peak_mb`` is, as the head of its column
    """
    width = max(8, len(memory))
    print(f"{'runner':<34} {'n':>8} {'seconds':>9} {'rows/s':>10} {memory:>{width}}   runs")
    for row in rows:
        runs = " ".join(f"{seconds:.3f}" for seconds in row.runs)
        print(
            f"{row.runner:<34} {row.n:>8} {row.seconds:>9.3f} {row.rows_per_second:>10.1f} "
            f"{row.peak_mb:>{width}.1f}   {runs}"
        )
    if json_file:
        json_file.write_text(json.dumps([asdict(row) for row in rows], indent=1) + "\n")

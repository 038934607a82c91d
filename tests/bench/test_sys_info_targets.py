from __future__ import annotations

import pytest

from bench.measuring.table import Row
from bench.sys_info_load.targets import COPY, DLT, ONE, READ, ROWS, TWO, judged

SMALL, LARGE = 20_000, 200_000


def row(runner: str, seconds: float, *, n: int = SMALL, peak_mb: float = 60) -> Row:
    return Row(runner, n, seconds, n / seconds, peak_mb, [seconds])


def limits(n: int = SMALL) -> list[Row]:
    size = n // SMALL
    return [row(runner, size * s, n=n) for runner, s in ((READ, 0.5), (COPY, 0.6), (ROWS, 30), (DLT, 16))]


def missed(*rows: Row) -> list[str]:
    return [f"{target.text}: {target.value}" for target in judged(rows) if not target.met]


def test_without_ours_nothing_is_judged():
    assert list(judged(limits())) == []


def test_what_is_just_good_enough_meets_every_target():
    assert missed(*limits(), row(ONE, 1.49), row(TWO, 0.99)) == []


@pytest.mark.parametrize(
    ("ours", "words"),
    [
        (row(ONE, 1.51), ["0.4 × as fast as limit:copy: 0.40 ×"]),
        (row(TWO, 1.01), ["0.6 × as fast as limit:copy: 0.59 ×"]),
        (row(TWO, 2.5), ["limit:copy", "8 × as fast as peer:dlt: 6.4 ×", "15 × as fast as peer:row-by-row"]),
        (row(TWO, 1, peak_mb=120), ["less than 120 MB a process: 120.0 MB"]),
    ],
)
def test_each_target_can_be_missed(ours, words):
    found = missed(*limits(), ours)

    assert len(found) == len(words)
    assert all(word in text for word, text in zip(words, found, strict=True))


def over_sizes(seconds: float, peak_mb: float) -> list[str]:
    ours = [row(TWO, 0.9), row(TWO, seconds, n=LARGE, peak_mb=peak_mb)]
    return missed(*limits(), *limits(LARGE), *ours)


def test_time_and_memory_may_grow_a_little():
    assert over_sizes(9.9, 71) == []


def test_more_than_linear_time_is_missed_and_the_limits_are_told_beside_it():
    limits = "limit:read 10.0 ×, limit:copy 10.0 ×"

    assert over_sizes(9.95, 60) == [
        f"{LARGE}: {TWO} takes at most 11 × as long as {SMALL}: 11.1 × ({limits})"
    ]


def test_growing_memory_is_missed():
    assert over_sizes(9, 73) == [f"{LARGE}: {TWO} takes less than 20% more MB than {SMALL}: +22%"]

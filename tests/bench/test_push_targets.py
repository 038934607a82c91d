from __future__ import annotations

import pytest

from bench.measuring.delays import DelayRow
from bench.measuring.table import Row
from bench.order_push.targets import BACKLOG, DRAIN, ENQUEUE, FULL, LATENCY, SEED, judged


def sent(seconds: float, *, n: int = FULL, peak_mb: float = 100) -> Row:
    return Row(BACKLOG, n, seconds, n / seconds, peak_mb, [seconds])


def delays(runner: str, *, beside: int = 0, p50: float = 0.5, p99: float = 0.9) -> DelayRow:
    return DelayRow(runner, 1000, 1, 1000, 0, [1], beside, p50, p99, p99)


def missed(*rows: Row, at_once: int = 8) -> list[str]:
    return [f"{target.text}: {target.value}" for target in judged(rows, at_once) if not target.met]


def test_what_is_just_good_enough_meets_every_target():
    rows = [sent(58), delays(LATENCY, p99=2999), delays(ENQUEUE, beside=10_000, p99=0.99)]
    drains = [delays(DRAIN, beside=10_000_000, p50=0.62), delays(DRAIN, beside=10_000, p50=0.5)]

    assert missed(*rows, *drains, Row(SEED, 150, 90, 1.7, 40, [90])) == []


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([sent(60)], ["100000: ours:backlog in under 60 s: 60.0 s", "at least 1700 rows a second: 1667"]),
        ([sent(3, n=5_000)], ["5000: ours:backlog at least 1700 rows a second: 1667"]),
        ([sent(50, peak_mb=150)], ["takes less than 150 MB: 150.0 MB"]),
        ([delays(LATENCY, p99=3000)], ["ours:latency: p99 under 3000 ms: 3000.000 ms"]),
        ([delays(ENQUEUE, beside=7, p99=1)], ["ours:enqueue beside 7 rows: p99 under 1 ms: 1.000 ms"]),
        (
            [delays(DRAIN, beside=10, p50=1), delays(DRAIN, beside=90, p50=1.3)],
            ["ours:drain beside 90 rows: at most 1.25 × as long as beside 10: 1.30 ×"],
        ),
    ],
)
def test_each_target_can_be_missed(rows, words):
    found = missed(*rows)

    assert len(found) == len(words)
    assert all(word in text for word, text in zip(words, found, strict=True))


def test_more_calls_at_once_than_there_may_be_threads_are_missed():
    assert missed(at_once=9) == ["at most 8 calls at once: 9"]

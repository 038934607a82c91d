from __future__ import annotations

from bench.measuring.delays import Delays, delay_row


def test_a_row_tells_the_medians_of_its_runs_and_the_greatest_of_all():
    runs = [Delays([0.001 * part for part in range(101)], seconds) for seconds in (4, 2, 3)]
    runs.append(Delays([0.5] * 101, 3, peak_mb=7))

    row = delay_row("ours", 10, runs)

    assert (row.n, row.seconds, row.rows_per_second, row.peak_mb) == (101, 3, 33.7, 7)
    assert (row.beside, row.p50_ms, row.p99_ms, row.max_ms) == (10, 50, 99, 500)

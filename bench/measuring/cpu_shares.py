"""Where the time of a run went, for the reader who wants to know what limits it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from statistics import median

from bench.measuring.meter import OWN, Measured


def cpu_shares(measured: Mapping[tuple[int, str], Sequence[Measured]]) -> Iterator[str]:
    """CPU seconds by process, medians; a core's worth of them beside the run's own seconds is a bottleneck.

    Beside them the memory that all imports took: Airflow's are the most of it.

    :param measured: all runs, by size and runner
    """
    for (n, runner), runs in measured.items():
        seconds = median(run.seconds for run in runs)
        used = {name: median(run.cpu[name] for run in runs) for name in runs[0].cpu}
        shown = ", ".join(f"{name} {cpu:.2f} s ({cpu / seconds:.0%})" for name, cpu in used.items())
        imported = median(run.imported_mb for run in runs)
        shown = shown.replace(OWN, "own process")
        yield f"{runner:<20} {n:>7}: of {seconds:.2f} s, CPU {shown}; {imported:.0f} MB before it began"

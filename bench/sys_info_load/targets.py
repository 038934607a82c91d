"""What the product promises itself of the load, held against the rows of one table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bench.measuring.judging import Judged
from bench.measuring.table import Row

READ, DECODE, COPY = "limit:read", "limit:decode", "limit:copy"
ONE, TWO = "ours:one-process", "ours:two-processes"
ROWS, PANDAS, DLT = "peer:row-by-row", "peer:pandas", "peer:dlt"
OURS = {ONE: 0.4, TWO: 0.6}  # of the speed of the pure COPY, at least
_PEERS = {DLT: 8, ROWS: 15}  # times as fast as these, at least
_MEMORY, _GROWTH, _TIME = 120, 0.2, 1.1


def judged(rows: Sequence[Row]) -> Iterator[Judged]:
    """Yield all targets that the rows can tell of: none without ours."""
    found = {(row.n, row.runner): row for row in rows}
    sizes = sorted({row.n for row in rows})
    for runner in OURS:
        measured = [found[n, runner] for n in sizes if (n, runner) in found]
        for ours in measured:
            yield from _at_one_size(ours, found)
        if len(measured) > 1:
            yield from _over_sizes(measured[0], measured[-1], found)


def _at_one_size(ours: Row, found: dict[tuple[int, str], Row]) -> Iterator[Judged]:
    name, least = f"{ours.n}: {ours.runner}", OURS[ours.runner]
    share = found[ours.n, COPY].seconds / ours.seconds
    yield Judged(f"{name} at least {least} × as fast as {COPY}", f"{share:.2f} ×", share >= least)
    for peer, wanted in _PEERS.items():
        times = found[ours.n, peer].seconds / ours.seconds
        yield Judged(f"{name} at least {wanted} × as fast as {peer}", f"{times:.1f} ×", times >= wanted)
    most = ours.peak_mb
    yield Judged(f"{name} takes less than {_MEMORY} MB a process", f"{most:.1f} MB", most < _MEMORY)


def _over_sizes(small: Row, large: Row, found: dict[tuple[int, str], Row]) -> Iterator[Judged]:
    """What the limits themselves take is told beside it: data that outgrow a server's memory slow it for all."""
    name = f"{large.n}: {large.runner}"
    more = large.peak_mb / small.peak_mb - 1
    yield Judged(
        f"{name} takes less than {_GROWTH:.0%} more MB than {small.n}", f"{more:+.0%}", more < _GROWTH
    )
    times, most = large.seconds / small.seconds, _TIME * large.n / small.n
    limits = (
        f"{limit} {found[large.n, limit].seconds / found[small.n, limit].seconds:.1f} ×"
        for limit in (READ, COPY)
    )
    yield Judged(
        f"{name} takes at most {most:g} × as long as {small.n}",
        f"{times:.1f} × ({', '.join(limits)})",
        times <= most,
    )

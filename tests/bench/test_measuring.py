from __future__ import annotations

import subprocess
import sys

import pytest

from bench.measuring.job import Job
from bench.measuring.meter import OWN, Meter
from bench.measuring.table import Sample, take_turns, unrepeated


def samples(*seconds: float):
    """A runner whose runs take so long."""
    taken = iter(seconds)
    return lambda: Sample(next(taken), peak_mb=1)


def test_runners_take_turns_and_a_row_tells_the_median():
    order = []

    def noting(name, run):
        return lambda: (order.append(name), run())[1]

    runners = {"a": noting("a", samples(3, 1, 2)), "b": noting("b", samples(5, 5, 5))}
    rows = take_turns(runners, n=10, rounds=3)

    assert order == ["a", "b", "a", "b", "a", "b"]
    assert [(row.runner, row.seconds, row.rows_per_second, row.runs) for row in rows] == [
        ("a", 2, 5, [3, 1, 2]),
        ("b", 5, 2, [5, 5, 5]),
    ]


def test_a_runner_that_takes_too_long_is_not_repeated_and_the_reader_is_told():
    rows = take_turns({"quick": samples(1, 1, 1), "slow": samples(11)}, n=10, rounds=3, patience=10)

    assert [row.runs for row in rows] == [[1, 1, 1], [11]]
    assert unrepeated(rows, 3, 10) == ["note: slow at 10 takes longer than 10 s: run 1 ×, not 3 ×"]


def test_a_process_is_told_what_the_bench_wanted(monkeypatch):
    job = Job({"mariadb": 7})
    monkeypatch.setattr(sys, "argv", ["runner", *job.arguments()])

    assert Job.told() == job


def test_children_count_for_a_runners_memory_and_time():
    program = "text = 'x' * 300_000_000; [None for _ in range(10_000_000)]"
    with Meter({}) as meter:
        subprocess.run([sys.executable, "-c", program], check=True)
    measured = meter.measured

    assert measured.peak_mb > 280
    assert measured.cpu[OWN] > 0.05


BUSY = "import sys, time\nwhile time.process_time() < 0.2: pass"
STAYS = f"{BUSY}\nprint(flush=True); sys.stdin.read()"
START = "import subprocess, sys; subprocess.Popen([sys.executable, '-c', {session!r}]).wait()"


@pytest.mark.parametrize(
    "program",
    [
        pytest.param(START.format(session=STAYS), id="one that goes on"),
        pytest.param(
            f"{START.format(session=BUSY)}; print(flush=True); sys.stdin.read()", id="one that ended"
        ),
    ],
)
def test_a_servers_time_is_that_of_its_sessions_too(program):
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", program], **pipes) as server:
        with Meter({"server": server.pid}) as meter:
            server.stdout.readline()
        server.stdin.close()

    assert meter.measured.cpu["server"] >= 0.15

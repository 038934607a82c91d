"""One connection's budget in a real database: shared by sessions, threads and processes."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest

from retail_pipeline import clock
from retail_pipeline.databases.target_session import dialect, query_text
from retail_pipeline.errors import ConfigError, RateLimited
from retail_pipeline.orchestration.sessions import open_target
from retail_pipeline.windows.rate_limit import FARTHEST, RECOVERY, CallCounts, RateLimiter

CONN = "wangdiantong_probe"
GAP = 60 / (60 * 0.75)  # seconds between calls at 60 a minute, a quarter of which is kept for bursts


@pytest.fixture
def waits(monkeypatch) -> list[float]:
    """Seconds that were waited, one by one; no time passes."""
    found: list[float] = []
    monkeypatch.setattr(clock, "pause", found.append)
    return found


# Microseconds until the next call may go out.
AHEAD = {
    "mysql": "TIMESTAMPDIFF(MICROSECOND, NOW(6), free_at)",
    "postgres": "CAST(EXTRACT(EPOCH FROM free_at - clock_timestamp()) * 1000000 AS bigint)",
}


@pytest.fixture(params=["bi_mysql", "warehouse_postgres"])
def conn_id(request) -> str:
    return request.param


@pytest.fixture
def target(request, conn_id, bi):
    """A session of the owner with the target."""
    return bi if conn_id == "bi_mysql" else request.getfixturevalue("warehouse")


@pytest.fixture
def sessions(target, conn_id) -> Iterator[list]:
    with open_target(conn_id) as one, open_target(conn_id) as other:
        yield [one, other]


def row(target) -> dict:
    return query_text(target, f"SELECT *, {AHEAD[dialect(target)]} AS ahead FROM etl_call_budget")[0]


def fail(times: int, **facts):
    """A call that is refused so many times, and then answered."""
    left = [RateLimited("slow down", vendor="v", method="m", **facts)] * times

    def ask() -> str:
        if left:
            raise left.pop()
        return "answer"

    return ask


def test_two_sessions_of_a_connection_share_one_budget(target, sessions, waits):
    budgets = [RateLimiter(session, CONN, 60) for session in sessions]
    for number in range(20):
        assert budgets[number % 2].call(fail(0), CallCounts()) == "answer"
    assert 17 * GAP < max(waits) <= 19 * GAP
    assert 18 * GAP < row(target)["ahead"] / 1e6 <= 20 * GAP
    assert query_text(target, "SELECT COUNT(*) AS rows_there FROM etl_call_budget") == [{"rows_there": 1}]


def test_no_call_of_several_sessions_and_threads_is_lost(target, sessions, waits):
    tallies = [CallCounts(), CallCounts()]
    budgets = [RateLimiter(session, CONN, 60) for session in sessions]
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda n: budgets[n % 2].call(fail(0), tallies[n % 2]), range(40)))
    assert [counts.calls for counts in tallies] == [20, 20]
    assert 37 * GAP < row(target)["ahead"] / 1e6 <= 40 * GAP


def test_connections_do_not_share(target, sessions, waits):
    for name in ("one", "two"):
        RateLimiter(sessions[0], name, 60).call(fail(0), CallCounts())
    assert [
        each["conn_id"] for each in query_text(target, "SELECT conn_id FROM etl_call_budget ORDER BY 1")
    ] == [
        "one",
        "two",
    ]
    assert max(waits, default=0) < 0.1


def test_a_throttle_halves_the_speed_for_every_session_and_is_counted(target, sessions, waits):
    one, other = (RateLimiter(session, CONN, 60) for session in sessions)
    counts = CallCounts()
    assert one.call(fail(1), counts) == "answer"
    assert (counts.calls, counts.throttles) == (2, 1)
    slow = row(target)
    assert 29 < slow["per_minute"] < 32
    assert slow["throttled_at"] is not None
    other.call(fail(0), CallCounts())
    assert waits[-1] > 5  # the pause holds for the other one, too


def throttled_together(count: int):
    """A call that is in flight with others when all of them hear that it was too much; the next one is answered."""
    in_flight, alerted = threading.Barrier(count, timeout=60), threading.local()

    def ask() -> str:
        if getattr(alerted, "it", False):
            return "answer"
        alerted.it = True
        in_flight.wait()
        raise RateLimited("slow down", vendor="v", method="m")

    return ask


def test_eight_calls_in_flight_that_are_throttled_together_halve_the_speed_once(target, sessions, waits):
    budgets = [RateLimiter(session, CONN, 60) for session in sessions]
    tallies = [CallCounts(), CallCounts()]
    ask = throttled_together(8)
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda n: budgets[n % 2].call(ask, tallies[n % 2]), range(8)))
    assert sum(counts.throttles for counts in tallies) == 8
    assert 30 < row(target)["per_minute"] < 30 * RECOVERY**9
    before = row(target)
    assert budgets[0].call(fail(1), CallCounts()) == "answer"
    assert before["per_minute"] / 2 <= row(target)["per_minute"] < before["per_minute"] / 2 * RECOVERY**3
    assert row(target)["throttled_at"] > before["throttled_at"]


def test_a_call_that_waited_for_its_turn_while_others_were_slowed_down_does_not_halve_again(
    target, sessions, waits
):
    """Its turn is older than the slowdown, however late it went out."""
    slow, other = (RateLimiter(session, CONN, 60) for session in sessions)

    def late() -> str:
        if row(target)["throttled_at"] is None:
            other.call(fail(1), CallCounts())
            raise RateLimited("slow down", vendor="v", method="m")
        return "answer"

    assert slow.call(late, CallCounts()) == "answer"
    assert row(target)["per_minute"] > 30


def test_the_vendors_own_wish_for_a_pause_is_kept(target, sessions, waits):
    RateLimiter(sessions[0], CONN, 60).call(fail(1, retry_after=timedelta(seconds=77)), CallCounts())
    assert 76 < waits[-1] <= 77 + GAP


def test_the_speed_comes_back_call_by_call(target, sessions, waits):
    budget = RateLimiter(sessions[0], CONN, 60)
    budget.call(fail(3), CallCounts())
    slowest = row(target)["per_minute"]
    assert 60 / 8 <= slowest < 60 / 7
    speeds = []
    for _ in range(120):
        budget.call(fail(0), CallCounts())
        speeds.append(row(target)["per_minute"])
    assert speeds == sorted(speeds)
    assert speeds[-1] == 60


def test_a_lower_budget_counts_at_once(target, sessions, waits):
    RateLimiter(sessions[0], CONN, 6000).call(fail(0), CallCounts())
    RateLimiter(sessions[1], CONN, 6).call(fail(0), CallCounts())
    assert row(target)["per_minute"] == 6


def test_who_only_ever_hears_to_slow_down_gives_up_after_half_an_hour(sessions, waits):
    counts = CallCounts()
    with pytest.raises(RateLimited):
        RateLimiter(sessions[0], CONN, 60).call(fail(10_000), counts)
    assert 1800 < sum(waits) < 2200
    assert counts.throttles < 120


def test_another_error_is_not_asked_again(sessions, waits):
    counts = CallCounts()

    def ask():
        raise ConfigError("wrong")

    with pytest.raises(ConfigError):
        RateLimiter(sessions[0], CONN, 60).call(ask, counts)
    assert (counts.calls, counts.throttles) == (1, 0)


# Turns at high speed: several at once, which a slow connection never has


@pytest.fixture
def moments(monkeypatch) -> list[datetime]:
    """The clock of this machine; its last entry is now. The database has its own."""
    found = [clock.now()]
    monkeypatch.setattr(clock, "now", lambda: found[-1])
    return found


def test_at_a_high_speed_the_turns_of_a_tenth_of_a_second_are_one_transaction(
    target, sessions, waits, moments
):
    budget = RateLimiter(sessions[0], CONN, 6000)
    taken = [(budget.call(fail(0), CallCounts()), row(target)["free_at"])[1] for _ in range(11)]
    assert len(set(taken[:10])) == 1
    assert taken[10] > taken[9]


def test_a_throttle_gives_up_the_turns_that_were_taken_before_it(sessions, waits, moments):
    RateLimiter(sessions[0], CONN, 6000).call(fail(1, retry_after=timedelta(seconds=30)), CallCounts())
    assert waits[-1] > 29


def test_a_turn_that_nobody_used_is_given_up(target, sessions, waits, moments):
    budget = RateLimiter(sessions[0], CONN, 6000)
    budget.call(fail(0), CallCounts())
    before = row(target)["free_at"]
    moments.append(moments[-1] + timedelta(seconds=2))
    budget.call(fail(0), CallCounts())
    assert row(target)["free_at"] > before


def test_a_turn_that_had_to_be_waited_for_is_not_given_up(target, sessions, waits, moments):
    RateLimiter(sessions[1], CONN, 6000).call(fail(1, retry_after=timedelta(seconds=30)), CallCounts())
    budget = RateLimiter(sessions[0], CONN, 6000)
    budget.call(fail(0), CallCounts())
    before = row(target)["free_at"]
    moments.append(moments[-1] + timedelta(seconds=waits[-1]))
    budget.call(fail(0), CallCounts())
    assert row(target)["free_at"] == before


def test_a_budget_that_a_clock_which_was_ahead_has_used_up_is_free(target, sessions, waits):
    budget = RateLimiter(sessions[0], CONN, 60)
    query_text(target, "UPDATE etl_call_budget SET free_at = CURRENT_TIMESTAMP + INTERVAL '3' HOUR")
    budget.call(fail(0), CallCounts())
    assert waits == []
    assert row(target)["ahead"] / 1e6 <= 2 * GAP


def test_no_vendor_lets_a_call_wait_for_longer_than_we_do(sessions, waits):
    budget = RateLimiter(sessions[0], CONN, 60)
    budget.call(fail(1, retry_after=timedelta(hours=3)), CallCounts())
    assert FARTHEST - timedelta(seconds=5) < timedelta(seconds=max(waits)) <= FARTHEST

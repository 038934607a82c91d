"""How fast orders reach Tencent Youshu from the outbox, with a Youshu that takes 100 ms for a call.

``ours:backlog`` is a sender that finds that many rows waiting, each of an order of its own, in
``ours:backlog-four-states`` of a quarter as many orders; ``ours:latency`` one holding its lock while orders come
steadily; ``ours:enqueue`` is the function that a shop's backend calls, ``ours:drain`` the query with which a sender
looks for what is due, both beside rows that are done; ``peer:seed-design`` is the push as it was first designed.
Senders are new processes; imports and connecting are not timed, and memory (``peak_mb``) is all that a process had. A
run in which not every row came exactly once ends the bench. The database and the vendor are the bench's own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bench.measuring.cpu_shares import cpu_shares
from bench.measuring.delays import DelayRow, delay_row, show_delays
from bench.measuring.own_postgres import OwnPostgres
from bench.measuring.table import Row, arguments, show, take_turns
from bench.order_push import vendor
from bench.order_push.beside_done import PENDING, enqueuing, let_wait, looking, plan_of_a_look
from bench.order_push.runners import Runners
from bench.order_push.seed_design import ROWS_A_TICK
from bench.order_push.shop import OrderShop
from bench.order_push.steady import A_SECOND, steady
from bench.order_push.targets import DRAIN, ENQUEUE, FULL, LATENCY, SEED, judged
from devstack.steps import LOCAL, locked, step

ROUNDS = 3
CALLS = 2_000  # of the function that enqueues
DATABASE = "bench_push"


@dataclass(frozen=True)
class Size:
    """:ivar ticks: turns of the first design's clock, half a minute each; so it is run once
    :ivar done: rows that are done
    """

    backlog: int
    steady_seconds: int
    ticks: int
    done: Sequence[int]


FULLY = Size(FULL, 60, 3, (10_000, 10_000_000))
QUICKLY = Size(5_000, 5, 1, (10_000, 200_000))


def main() -> None:
    """Print the tables, the targets, how the drain's query is answered, and where the time went."""
    options = arguments(__doc__ or "")
    size = QUICKLY if options.quick else FULLY
    delays: list[DelayRow] = []
    with (
        locked(LOCAL / "bench-push.lock", "script/bench push"),
        vendor.started() as youshu,
        OwnPostgres(DATABASE) as database,
    ):
        runners = Runners(database, youshu)
        rows = _sent(runners, OrderShop(database), size)
        for done in size.done:
            found, plan = _beside(OrderShop(database), done)
            delays += found
    rows += delays
    show(rows, options.json, memory="MB a process")
    print(f"note: {SEED} is run once: its clock takes the time")
    show_delays([row for row in rows if isinstance(row, DelayRow)])
    print("\nTargets:", *judged(rows, runners.at_once), sep="\n")
    print(f"\n{DRAIN}, {PENDING} rows due beside {size.done[-1]} that are done:", *plan, sep="\n")
    print("\nWhere the time went:", *cpu_shares(runners.measured), sep="\n")


def _sent(runners: Runners, shop: OrderShop, size: Size) -> list[Row]:
    rows = take_turns(runners.backlogs(shop, size.backlog), n=size.backlog, rounds=ROUNDS)
    arrivals = size.steady_seconds * A_SECOND
    rows.append(delay_row(LATENCY, 0, [steady(runners, shop, arrivals) for _ in range(ROUNDS)]))
    rows_of_ticks = size.ticks * ROWS_A_TICK
    return rows + take_turns(runners.seed_design(shop, rows_of_ticks), n=rows_of_ticks, rounds=1)


def _beside(shop: OrderShop, done: int) -> tuple[list[DelayRow], list[str]]:
    """Return what was measured beside so many rows that are done, and how the drain's query is answered there."""
    with step(f"{done} rows that are done"):
        shop.fill_done(done)
    with step(f"{DRAIN} and {ENQUEUE} beside them"):
        let_wait(shop, 1)
        looks = [looking(shop) for _ in range(ROUNDS)]
        plan = plan_of_a_look(shop)
        calls = [enqueuing(shop, PENDING + 1 + number * CALLS, CALLS) for number in range(ROUNDS)]
    return [delay_row(DRAIN, done, looks), delay_row(ENQUEUE, done, calls)], plan


if __name__ == "__main__":
    main()

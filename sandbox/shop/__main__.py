"""python -m sandbox.shop"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import psycopg

from sandbox.shop.live import Play, script_of
from sandbox.shop.orders import MAX_A_DAY
from sandbox.shop.tables import Wish, fill_tables

EXAMPLE = """examples:
  python -m sandbox.shop fill --dsn postgresql://demo@127.0.0.1:5432/store --from 2026-11-16 --to 2026-11-22
  python -m sandbox.shop live --dsn postgresql://demo@127.0.0.1:5432/store --orders 400 --seconds 60 --enqueue

fill makes the tables where they are missing and replaces the shop's orders of the asked days, no others; live plays
a day's orders with all that becomes of them in a short time, each change when it happens.
"""


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m sandbox.shop",
        description="Plays a shop's backend: its orders and returns, in PostgreSQL.",
        epilog=EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True)
    filling = commands.add_parser("fill", help="replace the orders of some days")
    filling.add_argument("--from", dest="first", type=date.fromisoformat, required=True, metavar="DAY")
    filling.add_argument("--to", dest="last", type=date.fromisoformat, required=True, metavar="DAY")
    filling.add_argument("--orders-per-day", type=int, default=400, metavar="N", help="default: %(default)s")
    living = commands.add_parser("live", help="play a day of today")
    living.add_argument("--orders", type=int, default=400, metavar="N", help="default: %(default)s")
    living.add_argument("--seconds", type=float, default=60, metavar="N", help="default: %(default)s")
    living.add_argument(
        "--enqueue", action="store_true", help="call youshu_enqueue_order in each change's transaction"
    )
    for command in (filling, living):
        command.add_argument("--dsn", required=True, metavar="URL")
        command.add_argument("--shop", default="flagship", help="default: %(default)s")
        command.add_argument("--seed", type=int, default=1, help="same seed, same orders (default: 1)")
    options = parser.parse_args()
    (_fill if options.command == "fill" else _live)(parser, options)


def _fill(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    if options.last < options.first:
        parser.error("--to lies before --from")
    if not 0 <= options.orders_per_day <= MAX_A_DAY:
        parser.error(f"--orders-per-day must be 0 to {MAX_A_DAY}")
    wish = Wish(options.shop, options.first, options.last, options.orders_per_day, options.seed)
    with psycopg.connect(options.dsn) as connection:
        written = fill_tables(connection, wish)
    print(f"{options.shop}: {written} orders, {options.first} to {options.last}")


def _live(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    if not 1 <= options.orders <= MAX_A_DAY or options.seconds <= 0:
        parser.error(f"--orders must be 1 to {MAX_A_DAY}, --seconds more than 0")
    with psycopg.connect(options.dsn, autocommit=True) as connection:
        play = Play(connection, options.shop, enqueue=options.enqueue, now=lambda: datetime.now(UTC))
        orders = play.orders(options.orders, options.seed)
        events = script_of(orders, timedelta(seconds=options.seconds), options.seed)
        done = play.run(events, time.sleep, _telling(options.shop, len(events)))
    print(f"{options.shop}: {', '.join(f'{count} {what}' for what, count in done.items())}")


def _telling(shop: str, most: int) -> Callable[[int], None]:
    def tell(done: int) -> None:
        if done % max(most // 10, 1) == 0:
            print(f"{shop}: {done} of {most} changes", flush=True)

    return tell


if __name__ == "__main__":
    main()

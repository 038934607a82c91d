"""python -m sandbox.shop"""

from __future__ import annotations

import argparse
from datetime import date

import psycopg

from sandbox.shop.orders import MOST_A_DAY
from sandbox.shop.tables import Wish, fill_tables

EXAMPLE = """example:
  python -m sandbox.shop --dsn postgresql://demo@127.0.0.1:5432/store --from 2026-11-16 --to 2026-11-22

It makes the two tables where they are missing, and replaces the shop's orders of the asked days, no others.
"""


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m sandbox.shop",
        description="Fills t_store_order and t_store_order_item of a shop's PostgreSQL.",
        epilog=EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--dsn", required=True)
    parser.add_argument("--from", dest="first", type=date.fromisoformat, required=True, metavar="DAY")
    parser.add_argument("--to", dest="last", type=date.fromisoformat, required=True, metavar="DAY")
    parser.add_argument("--shop", default="flagship", help="default: %(default)s")
    parser.add_argument("--orders-per-day", type=int, default=400, metavar="N", help="default: %(default)s")
    parser.add_argument("--seed", type=int, default=1, help="same seed, same orders (default: 1)")
    options = parser.parse_args()
    if options.last < options.first:
        parser.error("--to lies before --from")
    if not 0 <= options.orders_per_day <= MOST_A_DAY:
        parser.error(f"--orders-per-day must be 0 to {MOST_A_DAY}")
    wish = Wish(options.shop, options.first, options.last, options.orders_per_day, options.seed)
    with psycopg.connect(options.dsn) as connection:
        written = fill_tables(connection, wish)
    print(f"{options.shop}: {written} orders, {options.first} to {options.last}")


if __name__ == "__main__":
    main()

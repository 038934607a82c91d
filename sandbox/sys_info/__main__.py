"""python -m sandbox.sys_info"""

from __future__ import annotations

import argparse
import signal
import threading
import time
from contextlib import closing

from sandbox.business_clock import read_time
from sandbox.sys_info.fill import Wish, fill
from sandbox.sys_info.tables import Naming, connect
from sandbox.sys_info.writer import Writer

EXAMPLE = """examples:
  python -m sandbox.sys_info fill --dsn mysql://sys_info:secret@127.0.0.1:3306/sys_info --trades 20000 \\
      --from "2026-11-22 00:00:00" --to "2026-11-23 00:00:00"
  python -m sandbox.sys_info live --dsn mysql://sys_info:secret@127.0.0.1:3306/sys_info --rate 5

fill makes the six tables where they are missing and replaces all their rows; live goes on writing until SIGTERM.
"""
_DAY = 86_400


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m sandbox.sys_info",
        description="Plays Taobao's data feed: fills sys_info, and goes on writing to it.",
        epilog=EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True)
    filling = commands.add_parser("fill", help="replace all rows")
    filling.add_argument("--trades", type=int, default=20_000, metavar="N", help="default: %(default)s")
    filling.add_argument(
        "--from", dest="first", type=_time, metavar="TIME", help="default: a day before --to"
    )
    filling.add_argument("--to", dest="last", type=_time, metavar="TIME", help="default: now")
    filling.add_argument("--nasty", action="store_true", help="and rows that no loader can use")
    living = commands.add_parser("live", help="go on writing")
    living.add_argument(
        "--rate", type=float, default=5, metavar="N", help="changes a second, default: %(default)s"
    )
    for command in (filling, living):
        command.add_argument("--dsn", required=True, metavar="URL")
        command.add_argument("--seed", type=int, default=1, help="same seed, same rows (default: 1)")
        command.add_argument("--upper", action="store_true", help="call the tables JDP_TB_TRADE …")
    options = parser.parse_args()
    (_fill if options.command == "fill" else _live)(parser, options)


def _time(text: str) -> int:
    seconds = read_time(text)
    if seconds is None:
        raise argparse.ArgumentTypeError(f"{text!r} must be a time as 2026-11-22 00:00:00, in Shanghai")
    return seconds


def _fill(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    last = options.last or int(time.time())
    first = last - _DAY if options.first is None else options.first
    if last <= first:
        parser.error("--to must lie after --from")
    wish = Wish(options.trades, first, last, options.seed, options.nasty)
    with closing(connect(options.dsn)) as connection:
        try:
            written = fill(connection, wish, Naming(options.upper))
        except ValueError as wrong:
            parser.error(str(wrong))
    print(", ".join(f"{table}: {count}" for table, count in written.items()))


def _live(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    if options.rate <= 0:
        parser.error("--rate must be more than 0")
    ended = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: ended.set())
    with closing(Writer(lambda: connect(options.dsn), Naming(options.upper), options.seed)) as writer:
        print(f"writing {options.rate:g} changes a second", flush=True)
        while not ended.wait(1 / options.rate):
            writer.step()
    print(f"{writer.steps} changes")


if __name__ == "__main__":
    main()

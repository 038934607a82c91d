"""python -m sandbox"""

from __future__ import annotations

import argparse
import asyncio

from sandbox.server import run

EXAMPLE = """example:
  python -m sandbox --port 8200 --seed 7
  curl -s http://127.0.0.1:8200/_control/credentials

The first line of output says where it listens; --port 0 takes a free port. Ctrl-C or SIGTERM ends it.
"""


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m sandbox",
        description="Plays the vendors over HTTP, for development and tests.",
        epilog=EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--port", type=int, required=True, help="0 takes a free one")
    parser.add_argument("--host", default="127.0.0.1", help="default: %(default)s, reached from here only")
    parser.add_argument(
        "--seed", type=int, default=1, help="same seed, same credentials and data (default: 1)"
    )
    options = parser.parse_args()
    asyncio.run(run(options.host, options.port, options.seed))


if __name__ == "__main__":
    main()

"""`python -m devstack …`, called by the scripts of script/."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Callable, Sequence
from typing import NoReturn

from devstack import services
from devstack.airflow_settings import settings
from devstack.environment import exports
from devstack.place import DEVELOPMENT
from devstack.session import status, stop_all
from devstack.steps import StackError

_SERVERS = """\
To use a server that exists instead of starting one, set its variable:
  RETAIL_POSTGRES_URL   postgresql://admin:password@host:port/postgres
  RETAIL_MYSQL_URL      mysql://admin:password@host:port/
  RETAIL_SANDBOX_URL    http://host:port
The user in a URL must be allowed to create roles and databases: include/sql/init/ is run on the server,
and sets the passwords of the project's roles to those of this checkout (.local/secrets.json).
script/test empties tables as it likes: never let it use a server whose data you need.
"""


_SURVIVE = """\
Kills and stops what sends a shop's orders to Youshu, one thing after the other, on servers of its own: how long does
an order wait that is committed right then? All take up to an hour, since Airflow misses a task's heartbeats after
five minutes, and a standby comes with the next run. Each writes its line in docs/reliability.md. Exit status 1: an
order waited for more than a minute.
"""
_DOCS = "Writes what documents say of flows and limits, and names the files that have changed."
_NAMES = "only these deaths: task, stop, worker … (a wrong name tells all); without any all"


def main(argv: Sequence[str]) -> int:
    _keep_proxies_off_the_loopback()
    for number in (signal.SIGTERM, signal.SIGHUP):  # `finally` stops what was started, as on Ctrl-C
        if signal.getsignal(number) != signal.SIG_IGN:  # ignored under nohup
            signal.signal(number, _interrupt)
    commands: dict[str, Callable[[Sequence[str]], int]] = {
        "services": _services,
        "server": _server,
        "demo": _demo,
        "survive": _survive,
        "test": _test,
        "bench": _bench,
        "docs": _docs,
    }
    try:
        return commands[argv[0]](argv[1:])
    except StackError as error:
        print(f"{argv[0]}: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _keep_proxies_off_the_loopback() -> None:
    """This process and every server that it starts speak HTTP to one another, without a proxy."""
    for name in ("no_proxy", "NO_PROXY"):
        os.environ[name] = ",".join(filter(None, [os.environ.get(name), "127.0.0.1", "localhost"]))


def _interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt


def _parser(name: str, description: str) -> argparse.ArgumentParser:
    return argparse.ArgumentParser(
        f"script/{name}", description=description, epilog=_SERVERS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip


def _services(argv: Sequence[str]) -> int:
    parser = _parser("services", "The databases and the sandbox; stop and status see Airflow, too.")
    parser.add_argument(
        "action", choices=["start", "stop", "status", "env"], help="env: shell lines for eval"
    )
    action = parser.parse_args(argv).action
    if action == "start":
        services.start(DEVELOPMENT)
    elif action == "stop":
        stop_all(DEVELOPMENT)
    elif action == "env":
        print(exports(settings(DEVELOPMENT)))
    if action in ("start", "status"):
        for row in status(DEVELOPMENT):
            print("{:<14} {:<22} {}".format(*row))
    return 0


def _server(argv: Sequence[str]) -> int:
    from devstack.server import serve

    _parser("server", "Airflow with everything it needs, in the foreground; Ctrl-C stops it.").parse_args(
        argv
    )
    return serve()


def _demo(argv: Sequence[str]) -> int:
    from demo.whole_day import demo

    parser = _parser(
        "demo", "Runs every DAG that has a demo, by the real scheduler, and sums up what came of it."
    )
    parser.add_argument(
        "--keep", action="store_true", help="leave everything up; script/services stop ends it"
    )
    parser.add_argument(
        "--workers", type=int, default=0, metavar="N",
        help="the CeleryExecutor with N workers, and Redis, as in production; otherwise the scheduler runs the tasks",
    )  # fmt: skip
    options = parser.parse_args(argv)
    return demo(options.keep, options.workers)


def _survive(argv: Sequence[str]) -> int:
    from demo.survive import survive

    parser = _parser("survive", _SURVIVE)
    parser.add_argument("names", nargs="*", metavar="NAME", help=_NAMES)
    return survive(parser.parse_args(argv).names)


def _test(argv: Sequence[str]) -> int:
    from devstack.suite import run

    return run(argv)


def _bench(argv: Sequence[str]) -> int:
    from devstack.checks import bench

    return bench(argv)


def _docs(argv: Sequence[str]) -> int:
    from devstack.written_docs import write

    argparse.ArgumentParser("script/docs", description=_DOCS).parse_args(argv)
    write()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

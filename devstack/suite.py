"""`script/test`: runs the linters while the servers start, then pytest on workers with servers of their own."""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from devstack import workers
from devstack.checks import lint
from devstack.steps import ROOT, locked

_WORKERS = 2
_DESCRIPTION = """\
Lint, then the tests on real servers. Arguments that are not named here go to pytest: paths, -k, -x, --durations …
With --all each property is tried with seven times as many examples, and tests marked `long` run too:
those beside which a quicker one covers the same. .ci/run is script/test --all.
"""
_EPILOG = """\
A server that cannot be fetched or started is a failure, unless RETAIL_TEST_WITHOUT=name[,name] names it:
then the tests that need it are skipped, and the line of the server says so.
"""


def run(argv: Sequence[str]) -> int:
    options, arguments = _parser().parse_known_args(argv)
    if options.lint:
        lint()
        return 0
    places = workers.places(options.workers or (1 if _chosen(arguments) else _WORKERS))
    with locked(workers.HOME / "tests.lock", "script/test"), ThreadPoolExecutor(1) as pool:
        linting = None if options.no_lint else pool.submit(lint)
        with workers.servers_for(places, options.all):
            if linting:
                linting.result()
            command = [sys.executable, "-m", "pytest", *pytest_options(len(places), options.all), *arguments]
            return subprocess.run(command, cwd=ROOT, check=False).returncode


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "script/test", description=_DESCRIPTION, epilog=_EPILOG, allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    everything = "more examples, tests marked long, and the loads on MySQL itself, too"
    parser.add_argument("--all", action="store_true", help=everything)
    parser.add_argument("--lint", action="store_true", help="only the linters")
    parser.add_argument("--no-lint", action="store_true", help="no linters")
    parser.add_argument("--workers", type=int, help="2, or 1 where paths are given")
    return parser


def _chosen(arguments: Sequence[str]) -> bool:
    """A few tests are done before a second set of servers is up."""
    return any((ROOT / argument.partition("::")[0]).exists() for argument in arguments)


def pytest_options(count: int, everything: bool) -> list[str]:
    """:param count: number of workers; a worker that is done takes over half of the other's remaining tests"""
    chosen = ["--hypothesis-profile=all", "--timeout=1200", "--mysql"] if everything else ["-m", "not long"]
    spread = ["-n", str(count), "--dist=worksteal"] if count > 1 else []
    return ["-p", "devstack.pytest_servers", *chosen, *spread]

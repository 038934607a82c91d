"""A pytest plugin: points a worker at its own servers, and counts for each server the tests that needed it."""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from devstack import mysql, workers
from devstack.environment import mysql_environment, urls_by_server
from devstack.left_out import VARIABLE
from devstack.mysql import MySQL
from devstack.services import Services

_USED = "server"  # the property of a test's report that goes from a worker to the process that sums up
_Fixture = tuple[str, str]  # its name, and the folder or file that it belongs to

_PLACE = workers.place_of(os.environ.get("PYTEST_XDIST_WORKER"))
_NAMES = {url: name for name, urls in urls_by_server(Services.at(_PLACE)).items() for url in urls}
MYSQL_ITSELF = mysql_environment(MySQL(_PLACE))  # the variables that a test sets to use it


class _Needs:
    """The tests and fixtures that need a server; a fixture may have been made for an earlier test."""

    def __init__(self) -> None:
        self._of_fixtures: dict[_Fixture, set[str]] = defaultdict(set)
        self._asking: list[set[str]] = []

    @contextmanager
    def asking(self, needs: set[str]) -> Iterator[None]:
        self._asking.append(needs)
        try:
            yield
        finally:
            self._asking.pop()

    def of_fixture(self, fixture: _Fixture) -> set[str]:
        return self._of_fixtures[fixture]

    def note(self, server: str) -> None:
        for needs in self._asking:
            needs.add(server)

    def of_fixtures(self, item: pytest.Item) -> set[str]:
        names = set(getattr(item, "fixturenames", ()))
        return {
            server
            for (name, home), servers in self._of_fixtures.items()
            if name in names and item.nodeid.startswith(home)
            for server in servers
        }


_needs = _Needs()
_own = pytest.StashKey[set[str]]()


def need(server: str) -> None:
    """Record that the test or the fixture that runs now needs a server."""
    _needs.note(server)
    if server in _PLACE.without:
        pytest.skip(f"{server} is left out by {VARIABLE}")


def need_url(variable: str) -> None:
    """Record a need for the server that a variable points at now."""
    need(mysql.NAME if os.environ.get(variable) in MYSQL_ITSELF.values() else _NAMES[variable])


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--mysql", action="store_true", help="MySQL itself runs, too")


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests() -> None:
    """Point at the servers before anything imports Airflow, which reads its settings on import."""
    workers.point_at(_PLACE)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the longest tests first, so that no long one is left at the end while one worker is idle."""
    items.sort(
        key=lambda item: (not item.get_closest_marker("long"), not item.get_closest_marker("hypothesis"))
    )


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(fixturedef: pytest.FixtureDef[Any]) -> Generator[None, Any, Any]:
    with _needs.asking(_needs.of_fixture((fixturedef.argname, fixturedef.baseid))):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, Any, Any]:
    own = item.stash.setdefault(_own, set())
    with _needs.asking(own):
        return (yield)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[Any]) -> None:
    if call.when == "teardown":
        needed = item.stash[_own] | _needs.of_fixtures(item)
        item.user_properties += [(_USED, server) for server in sorted(needed)]


class _Summary:
    """Sums up in the process that writes to the terminal."""

    def __init__(self) -> None:
        self._tests: Counter[str] = Counter()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "teardown":
            self._tests.update(str(value) for name, value in report.user_properties if name == _USED)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        terminalreporter.section("servers")
        versions = workers.versions(_PLACE)
        for name in workers.names(_PLACE):
            version = versions.get(name, f"left out by {VARIABLE}")
            terminalreporter.write_line(f"{name:<12} {version:<40} {self._tests[name]:>6,} tests")


def pytest_sessionstart(session: pytest.Session) -> None:
    if "PYTEST_XDIST_WORKER" not in os.environ:
        session.config.pluginmanager.register(_Summary())

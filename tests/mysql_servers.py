"""Who plays MySQL: MariaDB, and with ``script/test --all`` MySQL itself, too, in the tests of the loads."""

from __future__ import annotations

from typing import Any

import pytest

from devstack import mysql
from devstack.pytest_servers import MYSQL_ITSELF, need
from retail_pipeline.databases.target_session import dialect, query_text

_MARIADB = "mariadb"
_TWICE = ("integration", "faults")


@pytest.fixture
def mysql_server(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The server that is BI and RDS in one, by its name; the connections and URLs point at it."""
    name = str(getattr(request, "param", _MARIADB))
    if name == mysql.NAME:
        need(name)
        for variable, value in MYSQL_ITSELF.items():
            monkeypatch.setenv(variable, value)
    return name


def server_of(session: Any) -> str:
    """Return whose session it is: mysql, mariadb or postgres."""
    if dialect(session) == "postgres":
        return "postgres"
    [row] = query_text(session, "SELECT VERSION() AS version")
    return _MARIADB if "MariaDB" in row["version"] else mysql.NAME


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if (
        metafunc.definition.path.parent.name in _TWICE
        and metafunc.config.getoption("mysql", default=False)
        and "mysql_server" in metafunc.fixturenames
    ):
        metafunc.parametrize("mysql_server", [_MARIADB, mysql.NAME], indirect=True)

"""Servers that the tests may spoil: a PostgreSQL and a MariaDB of their own, and poolers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import psycopg
import pymysql
import pytest

from devstack import pgbouncer
from devstack.mariadb import MariaDB
from devstack.pgbouncer import PgBouncer
from devstack.place import Place
from devstack.postgres import Postgres
from devstack.pytest_servers import need


@dataclass
class Servers:
    """PostgreSQL with the database warehouse, MariaDB with the database bi, and who may do everything there."""

    postgres: Postgres
    mariadb: MariaDB
    admin: psycopg.Connection[Any]
    mysql_admin: pymysql.Connection[Any]

    def fields(self, conn_id: str) -> dict[str, Any]:
        mysql = conn_id == "bi_mysql"
        url = urlsplit(self.mariadb.url("bi") if mysql else self.postgres.url("warehouse"))
        return {
            "conn_type": "mysql" if mysql else "postgres", "host": url.hostname, "port": url.port,
            "login": url.username, "password": unquote(url.password or ""), "schema": url.path.lstrip("/"),
            "extra": {},
        }  # fmt: skip


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    place = Place(tmp_path_factory.mktemp("servers"))
    postgres, mariadb = Postgres(place, max_prepared_transactions="9"), MariaDB(place)
    need(postgres.name)
    need(mariadb.name)
    with pytest.MonkeyPatch.context() as patch, ExitStack() as stack:
        for variable in (Postgres.variable, MariaDB.variable):
            patch.delenv(variable, raising=False)  # a server that exists is not ours to spoil
        for server in (postgres, mariadb):
            stack.callback(server.stop)
            server.start()
        url = urlsplit(mariadb.admin_url())
        mysql_admin = pymysql.connect(
            host=url.hostname or "", port=url.port or 0, user=url.username, password=unquote(url.password or ""),
            autocommit=True,
        )  # fmt: skip
        stack.callback(mysql_admin.close)
        admin_url = postgres.admin_url().removesuffix("postgres") + "warehouse"
        yield Servers(
            postgres, mariadb, stack.enter_context(psycopg.connect(admin_url, autocommit=True)), mysql_admin
        )


@pytest.fixture
def connect(servers: Servers, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Let a connection lead to the servers of these tests, with some of its fields changed."""

    def to(conn_id: str, **fields: Any) -> None:
        known = {**servers.fields(conn_id), **fields}
        monkeypatch.setenv(f"AIRFLOW_CONN_{conn_id.upper()}", json.dumps(known))

    for conn_id in ("warehouse_postgres", "bi_mysql"):
        to(conn_id)
    return to


@pytest.fixture
def pooler(
    servers: Servers, connect: Callable[..., None], tmp_path: Path
) -> Iterator[Callable[[str, int], PgBouncer]]:
    """Start a PgBouncer, and let the connection warehouse_postgres lead through it."""
    started: list[PgBouncer] = []

    def start(mode: str, pool_size: int) -> PgBouncer:
        need(pgbouncer.NAME)
        started.append(PgBouncer(Place(tmp_path), servers.postgres.url("warehouse"), mode, pool_size))
        connect("warehouse_postgres", port=started[-1].start())
        return started[-1]

    yield start
    for each in started:
        each.stop()

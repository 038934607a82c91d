"""The databases that are loaded into: the bench's own beside the developer's, new for each run, gone at the end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any
from urllib.parse import unquote, urlsplit

import pymysql

from bench.refund_pull.job import DATABASE, DLT_DATABASE
from native.mariadb import MariaDB
from native.place import DEVELOPMENT

_ALL = (DATABASE, DLT_DATABASE, f"{DLT_DATABASE}_staging")  # the last is where dlt merges from


class Target:
    def __init__(self) -> None:
        server = MariaDB(DEVELOPMENT)
        admin = urlsplit(server.admin_url())
        self.pid = None if server.existing else server.daemon.pid()
        self.connection: dict[str, Any] = {
            "conn_type": "mysql",
            "host": admin.hostname,
            "port": admin.port or 3306,
            "login": unquote(admin.username or ""),
            "password": unquote(admin.password or ""),
            "schema": DATABASE,
        }

    def fresh(self) -> None:
        """Every run finds the same: nothing. dlt makes its own databases."""
        self.clear()
        self._run(f"CREATE DATABASE {DATABASE} CHARACTER SET utf8mb4")

    def clear(self) -> None:
        for name in _ALL:
            self._run(f"DROP DATABASE IF EXISTS {name}")

    def _run(self, sql: str) -> None:
        fields = self.connection
        with closing(
            pymysql.connect(
                host=fields["host"], port=fields["port"], user=fields["login"], password=fields["password"]
            )
        ) as session:
            session.cursor().execute(sql)


@contextmanager
def own_databases() -> Iterator[Target]:
    target = Target()
    try:
        yield target
    finally:
        target.clear()

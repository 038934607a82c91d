"""Databases of a bench's own on the developer's MariaDB, so that nobody's data is touched."""

from __future__ import annotations

from contextlib import closing
from typing import Any
from urllib.parse import unquote, urlsplit

import pymysql

from devstack.mariadb import MariaDB
from devstack.place import DEVELOPMENT


class OwnMariaDB:
    """:param databases: what is cleared; the first one is what ``fresh`` creates
    :param buffer_pool: bytes that the server keeps in memory meanwhile; without it, what it has
    """

    def __init__(self, *databases: str, buffer_pool: int | None = None) -> None:
        server = MariaDB(DEVELOPMENT)
        self._admin_url = server.admin_url()
        self._databases = databases
        self._buffer_pool = buffer_pool
        self.pid = None if server.existing else server.daemon.pid()

    def __enter__(self) -> OwnMariaDB:
        if self._buffer_pool:
            wanted, self._buffer_pool = self._buffer_pool, self._ask("SELECT @@innodb_buffer_pool_size")
            self._run(f"SET GLOBAL innodb_buffer_pool_size = {wanted}")
        return self

    def __exit__(self, *_: object) -> None:
        self.clear()
        if self._buffer_pool:
            self._run(f"SET GLOBAL innodb_buffer_pool_size = {self._buffer_pool}")

    @property
    def url(self) -> str:
        return urlsplit(self._admin_url)._replace(path=f"/{self._databases[0]}").geturl()

    @property
    def connection(self) -> dict[str, Any]:
        """Return it as Airflow's connections are written in JSON."""
        admin = urlsplit(self._admin_url)
        return {
            "conn_type": "mysql",
            "host": admin.hostname,
            "port": admin.port or 3306,
            "login": unquote(admin.username or ""),
            "password": unquote(admin.password or ""),
            "schema": self._databases[0],
        }

    def fresh(self) -> None:
        """Every run finds the same: nothing."""
        self.clear()
        self._run(f"CREATE DATABASE {self._databases[0]} CHARACTER SET utf8mb4")

    def clear(self) -> None:
        for name in self._databases:
            self._run(f"DROP DATABASE IF EXISTS {name}")

    def _run(self, sql: str) -> None:
        self._ask(sql)

    def _ask(self, sql: str) -> Any:
        fields = self.connection
        with closing(
            pymysql.connect(
                host=fields["host"], port=fields["port"], user=fields["login"], password=fields["password"]
            )
        ) as session:
            cursor = session.cursor()
            cursor.execute(sql)
            found = cursor.fetchone()
            return found[0] if found else None

"""A database of a bench's own on the developer's PostgreSQL, so that nobody's data is touched."""

from __future__ import annotations

from contextlib import closing
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

from devstack.place import DEVELOPMENT
from devstack.postgres import Postgres


class OwnPostgres:
    def __init__(self, database: str) -> None:
        server = Postgres(DEVELOPMENT)
        self._admin_url = server.admin_url()
        self._database = database
        self.pid = None if server.existing else server.daemon.pid()

    def __enter__(self) -> OwnPostgres:
        return self

    def __exit__(self, *_: object) -> None:
        self.clear()

    @property
    def url(self) -> str:
        return urlsplit(self._admin_url)._replace(path=f"/{self._database}").geturl()

    def fresh(self) -> None:
        """Every run finds the same: nothing, and no pages of the last run to be written, which dropping does."""
        self.clear()
        self._run("CREATE DATABASE {}")

    def clear(self) -> None:
        self._run("DROP DATABASE IF EXISTS {} WITH (FORCE)")

    def _run(self, statement: str) -> None:
        with closing(psycopg.connect(self._admin_url, autocommit=True)) as session:
            session.execute(sql.SQL(statement).format(sql.Identifier(self._database)))

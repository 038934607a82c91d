"""Connections that lead to logins with one role each, as ``retail schema roles`` makes them, and no other right."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from contextlib import closing
from typing import Any
from urllib.parse import unquote, urlsplit, urlunsplit

import psycopg
import pymysql
import pytest
from click.testing import CliRunner

from devstack import mysql, workers
from devstack.mariadb import MariaDB
from devstack.mysql import MySQL
from devstack.place import Place
from devstack.pytest_servers import need
from devstack.services import Services
from retail_pipeline.cli.main import retail
from retail_pipeline.cli.schema_places import families_by_target
from retail_pipeline.orchestration.sessions import open_target
from retail_pipeline.settings.file import load_settings
from retail_pipeline.tables.target_tables import ensure_tables

ROLES = {
    "warehouse_postgres": "retail_warehouse",
    "bi_mysql": "retail_warehouse",
    "store_postgres": "retail_outbox",
    "jushita_mysql": "retail_source",
}
PASSWORD = "made-up"


def printed(conn_id: str) -> str:
    """Return what an administrator is given."""
    result = CliRunner().invoke(retail, ["schema", "roles", conn_id])
    assert result.exit_code == 0, result.output or result.exception
    return result.output


def become_member(patch: pytest.MonkeyPatch, conn_id: str, role: str | None = None) -> None:
    """Let a connection lead to a login that is a member of a role; the roles are made anew from what is printed."""
    known = json.loads(os.environ[f"AIRFLOW_CONN_{conn_id.upper()}"])
    role = role or ROLES[conn_id]
    if not known["login"].endswith("_login"):
        _complete(conn_id)
    make = _on_mysql if known["conn_type"] == "mysql" else _on_postgres
    login = make(known, printed(conn_id), role)
    patch.setenv(
        f"AIRFLOW_CONN_{conn_id.upper()}", json.dumps({**known, "login": login, "password": PASSWORD})
    )


def _complete(conn_id: str) -> None:
    """Make the tables that ``retail schema apply`` would have made, as their owner."""
    families = families_by_target(load_settings()).get(conn_id)
    if families:
        with open_target(conn_id) as session:
            for family in families:
                ensure_tables(session, family)


def _on_postgres(known: Mapping[str, Any], roles: str, role: str) -> str:
    need("postgres")
    login, database = f"{role}_login", known["schema"]
    url = urlunsplit(urlsplit(_services().postgres.admin_url())._replace(path=f"/{database}"))
    with psycopg.connect(url, autocommit=True) as admin:
        for name in _named(roles):
            if admin.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [name]).fetchone():
                admin.execute(f"DROP OWNED BY {name}".encode())  # it owns nothing: what it was granted before
        admin.execute(roles.encode())
        admin.execute(f"REVOKE ALL ON DATABASE {database} FROM PUBLIC".encode())
        if not admin.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [login]).fetchone():
            admin.execute(f"CREATE ROLE {login} LOGIN PASSWORD '{PASSWORD}'".encode())
        admin.execute(f"GRANT {role} TO {login}".encode())
    return login


def _on_mysql(known: Mapping[str, Any], roles: str, role: str) -> str:
    server = _mysql_at(known["port"])
    need(server.name)
    login = f"{role}_login"
    default = "TO" if server.name == mysql.NAME else "FOR"
    with closing(_administrator(server)) as admin, admin.cursor() as cursor:
        for name in _named(roles):
            cursor.execute(f"DROP ROLE IF EXISTS {name}")
        for line in roles.splitlines():
            if line and not line.startswith("--"):
                cursor.execute(line)
        for line in (
            f"CREATE USER IF NOT EXISTS '{login}'@'%' IDENTIFIED BY '{PASSWORD}'",
            f"GRANT {role} TO '{login}'@'%'",
            f"SET DEFAULT ROLE {role} {default} '{login}'@'%'",
        ):
            cursor.execute(line)
    return login


def _named(roles: str) -> list[str]:
    return sorted(set(re.findall(r"CREATE ROLE (?:IF NOT EXISTS )?(\w+)", roles)))


def _mysql_at(port: int) -> MariaDB:
    """Return the server that a connection leads to."""
    servers = (_services().mariadb, MySQL(_place()))
    return next(server for server in servers if urlsplit(server.admin_url()).port == port)


def _administrator(server: MariaDB) -> pymysql.Connection[Any]:
    url = urlsplit(server.admin_url())
    return pymysql.connect(
        host=url.hostname or "", port=url.port or 3306, user=url.username, password=unquote(url.password or ""),
        autocommit=True,
    )  # fmt: skip


def _place() -> Place:
    return workers.place_of(os.environ.get("PYTEST_XDIST_WORKER"))


def _services() -> Services:
    return Services.at(_place())

"""What points a tool at the running servers: plain URLs, and Airflow connections by the names that the DAGs use."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from urllib.parse import unquote, urlsplit

from native.place import Place
from native.services import Services, running
from native.vendor_connections import Connection, vendor_connections


def environment(place: Place) -> dict[str, str]:
    services = running(place)
    connections = {
        f"AIRFLOW_CONN_{name.upper()}": json.dumps(connection, ensure_ascii=False)
        for name, connection in _connections(services).items()
    }
    return _urls(services) | connections


def exports(variables: Mapping[str, str]) -> str:
    return "\n".join(f"export {name}={shlex.quote(value)}" for name, value in sorted(variables.items()))


def _urls(services: Services) -> dict[str, str]:
    postgres, mariadb = services.postgres, services.mariadb
    metadata = postgres.url("airflow").replace("postgresql://", "postgresql+psycopg2://", 1)
    return {
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": metadata,
        "SANDBOX_URL": services.sandbox.url(),
        "STORE_POSTGRES_URL": postgres.url("store"),
        "WAREHOUSE_POSTGRES_URL": postgres.url("warehouse"),
        "BI_MYSQL_URL": mariadb.url("bi"),
        "JUSHITA_MYSQL_URL": mariadb.url("sys_info_reader"),
        "JUSHITA_OWNER_MYSQL_URL": mariadb.url("sys_info"),  # for who plays the platform and fills sys_info
    }


def _connections(services: Services) -> dict[str, Connection]:
    postgres, mariadb = services.postgres, services.mariadb
    return {
        "store_postgres": _database("postgres", postgres.url("store")),
        "warehouse_postgres": _database("postgres", postgres.url("warehouse")),
        "bi_mysql": _database("mysql", mariadb.url("bi")),
        "jushita_mysql": _database("mysql", mariadb.url("sys_info_reader")),
        **vendor_connections(services.sandbox.url()),
    }


def _database(conn_type: str, url: str) -> Connection:
    parts = urlsplit(url)
    connection: Connection = {
        "conn_type": conn_type,
        "host": parts.hostname,
        "port": parts.port,
        "login": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        "schema": parts.path.lstrip("/"),
    }
    if conn_type == "mysql":  # the client that needs no compiler
        connection["extra"] = {"client": "mysql-connector-python"}
    return connection

"""Points a tool at the running servers by plain URLs, and by Airflow connections with the names that the DAGs use."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Mapping
from urllib.parse import unquote, urlsplit

from devstack.mariadb import MariaDB
from devstack.place import Place
from devstack.services import Services, running
from devstack.vendor_connections import Connection, vendor_connections


def environment(place: Place) -> dict[str, str]:
    """Return the variables of the servers that the place has."""
    services = running(place)
    urls, connections = urls_by_server(services), _connections_by_server(services)
    found: dict[str, str] = {}
    for server in services:
        found |= urls[server.name]
        for conn_id, connection in connections.get(server.name, dict)().items():
            found[_variable(conn_id)] = _text(connection)
    return found


def exports(variables: Mapping[str, str]) -> str:
    return "\n".join(f"export {name}={shlex.quote(value)}" for name, value in sorted(variables.items()))


def urls_by_server(services: Services) -> dict[str, dict[str, str]]:
    """Return the variables that say where a server is, by the server's name."""
    postgres = services.postgres
    metadata = postgres.url("airflow").replace("postgresql://", "postgresql+psycopg2://", 1)
    return {
        "postgres": {
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": metadata,
            "STORE_POSTGRES_URL": postgres.url("store"),
            "WAREHOUSE_POSTGRES_URL": postgres.url("warehouse"),
        },
        "mariadb": _mysql_urls(services.mariadb),
        "sandbox": {"SANDBOX_URL": services.sandbox.url()},
    }


def mysql_environment(server: MariaDB) -> dict[str, str]:
    """Return the variables of this server instead of the place's own."""
    connections = _mysql_connections(server)
    return _mysql_urls(server) | {_variable(conn_id): _text(each) for conn_id, each in connections.items()}


def _variable(conn_id: str) -> str:
    return f"AIRFLOW_CONN_{conn_id.upper()}"


def _text(connection: Connection) -> str:
    return json.dumps(connection, ensure_ascii=False)


def _mysql_urls(server: MariaDB) -> dict[str, str]:
    return {
        "BI_MYSQL_URL": server.url("bi"),
        "JUSHITA_MYSQL_URL": server.url("sys_info_reader"),
        # for the process that plays the platform and fills sys_info
        "JUSHITA_OWNER_MYSQL_URL": server.url("sys_info"),
    }


def _mysql_connections(server: MariaDB) -> dict[str, Connection]:
    return {
        "bi_mysql": _database("mysql", server.url("bi")),
        "jushita_mysql": _database("mysql", server.url("sys_info_reader")),
    }


def _connections_by_server(services: Services) -> dict[str, Callable[[], dict[str, Connection]]]:
    postgres = services.postgres
    return {
        "postgres": lambda: {
            "store_postgres": _database("postgres", postgres.url("store")),
            "warehouse_postgres": _database("postgres", postgres.url("warehouse")),
        },
        "mariadb": lambda: _mysql_connections(services.mariadb),
        "sandbox": lambda: vendor_connections(services.sandbox.url()),
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
    if conn_type == "mysql":  # this client needs no compiler
        connection["extra"] = {"client": "mysql-connector-python"}
    return connection

"""Reads the fields of an Airflow connection; an error names the field that is empty."""

from __future__ import annotations

from typing import Any, Protocol

from retail_pipeline.errors import ConfigError


class ConnectionFields(Protocol):
    """The fields of an Airflow connection."""

    conn_id: str
    host: str | None
    port: int | None
    schema: str | None

    @property
    def extra_dejson(self) -> dict[str, Any]: ...


def required(connection: Any, field: str, label: str) -> str:
    """Return a standard field (``login``, ``password``) that must not be empty."""
    value = getattr(connection, field)
    if not value:
        raise ConfigError(f"connection {connection.conn_id!r}: {label} ({field}) is empty")
    return str(value)


def extra(connection: ConnectionFields, field: str) -> str | None:
    """Return a field of the connection's own form; None where it is empty."""
    value = connection.extra_dejson.get(field)
    return str(value) if value not in (None, "") else None


def base_url(connection: ConnectionFields) -> str | None:
    """Return scheme, host and port without trailing slash; None where the connection names no host.

    A host without a scheme gets https, since these calls carry secrets.
    """
    if not connection.host:
        return None
    host = connection.host.rstrip("/")
    if "://" not in host:
        host = f"{connection.schema or 'https'}://{host}"
    return f"{host}:{connection.port}" if connection.port else host


def host_and_path(url: str) -> tuple[str, str]:
    """Return the base URL for a transport, and the path in a connection's host; empty where it has none."""
    scheme, _, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}://{host}", slash + path

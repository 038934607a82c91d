"""TLS of a PostgreSQL session: what the connection's extra field asks for, as libpq takes it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from retail_pipeline.databases.tls import Level, Tls, asked_for, refusal, speaks

_MODES = {
    Level.OFF: "disable",
    Level.TRIED: "prefer",
    Level.ENCRYPTED: "require",
    Level.SIGNED: "verify-ca",
    Level.NAMED: "verify-full",
}
_ARGUMENTS = {"ca": "sslrootcert", "cert": "sslcert", "key": "sslkey", "password": "sslpassword"}
# The level that each of libpq's own words needs: with less TLS it has no meaning.
_AT_LEAST = {
    **dict.fromkeys(("sslcrl", "sslcrldir"), Level.SIGNED),
    **dict.fromkeys(("ssl_min_protocol_version", "ssl_max_protocol_version"), Level.ENCRYPTED),
}


def with_tls(conn_id: str, extra: Mapping[str, Any]) -> dict[str, Any]:
    """Return an extra field with TLS in libpq's words; if it says nothing about TLS, libpq's own default holds.

    :raises ConfigError: TLS is not possible as asked for; names the field
    """
    tls, rest = asked_for(conn_id, extra)
    for field in ("capath", "cipher"):
        if field in tls.words:
            raise refusal(conn_id, tls.fields[field], "is not known for PostgreSQL")
    given = {field: value for field, value in rest.items() if speaks(field) and value not in (None, "")}
    _refuse_unknown(conn_id, given)
    level = _level(conn_id, tls, given)
    if level is None:
        return rest
    _refuse_without_ca(conn_id, tls, level)
    said = dict(tls.words)
    if level < Level.SIGNED:
        said.pop("ca", None)  # libpq would check it, although the connection says not to
    return {**rest, "sslmode": _MODES[level], **{_ARGUMENTS[name]: value for name, value in said.items()}}


def _refuse_unknown(conn_id: str, given: Mapping[str, Any]) -> None:
    from psycopg import pq

    known = {option.keyword.decode() for option in pq.Conninfo.get_defaults()}
    for field, value in given.items():
        if field not in known:
            raise refusal(conn_id, field, "is not known for PostgreSQL; known are ssl and libpq's sslmode …")
        if not isinstance(value, str | int) or isinstance(value, bool):
            raise refusal(conn_id, field, f"is of type {type(value).__name__}, not a text or a number")


def _level(conn_id: str, tls: Tls, given: Mapping[str, Any]) -> Level | None:
    needed = [(_AT_LEAST[field], field) for field in given if field in _AT_LEAST]
    if not needed:
        return tls.level
    least, field = max(needed)
    if tls.level is None and least is Level.ENCRYPTED:
        return least
    if tls.level is None or tls.level < least:
        raise refusal(conn_id, field, f"says nothing below sslmode {_MODES[least]}")
    return tls.level


def _refuse_without_ca(conn_id: str, tls: Tls, level: Level) -> None:
    """Refuse a level that needs a CA without one: libpq's own refusal looks like that of a server that is down."""
    there = os.environ.get("PGSSLROOTCERT") or Path("~/.postgresql/root.crt").expanduser().exists()
    if level >= Level.SIGNED and "ca" not in tls.words and not there:
        raise refusal(conn_id, tls.by, "needs a CA: sslrootcert is its file, or system for the machine's own")

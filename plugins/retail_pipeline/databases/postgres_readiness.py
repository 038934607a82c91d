"""Makes a new session with PostgreSQL ready: a process of its own, settings that are set and read back, a canary."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from retail_pipeline.business_time import from_local_time
from retail_pipeline.databases.canary import TOLD, VALUES, WORDS, hold_against
from retail_pipeline.databases.pooler import prove_own_server
from retail_pipeline.databases.session_settings import POSTGRES, Settings, settle
from retail_pipeline.databases.statements import statement
from retail_pipeline.errors import ConfigError

if TYPE_CHECKING:
    import psycopg

_TOLD = {**TOLD, "returned": WORDS}


def make_ready(
    session: psycopg.Connection[Any],
    conn_id: str,
    open_another: Callable[[], psycopg.Connection[Any]],
    wanted: Settings = POSTGRES,
) -> None:
    """Give a session in autocommit mode the settings that our statements rely on.

    :param open_another: opens a session like it; called only if there is a pooler
    :raises ConfigError: it cannot get them
    :raises DatabaseUnavailable: a pooler has no room for a second session
    """
    import psycopg

    prove_own_server(session, conn_id, open_another)
    settle(conn_id, wanted, lambda: _look(session, wanted), lambda some: _put(session, some), psycopg.Error)
    _send_times_with_offset(session)
    try:
        told = _canary(session)
    except psycopg.DataError as fault:
        raise ConfigError(
            f"connection {conn_id!r} refuses its canary: {fault.diag.message_primary}"
        ) from None
    hold_against(conn_id, told, _TOLD)


def _look(session: psycopg.Connection[Any], wanted: Settings) -> Mapping[str, str]:
    found = session.execute(statement("sessions/look", "postgres").encode(), {"names": list(wanted)})
    return dict(found.fetchall())


def _put(session: psycopg.Connection[Any], some: Settings) -> None:
    values = {"names": list(some), "values": [str(value) for value in some.values()]}
    session.execute(statement("sessions/put", "postgres").encode(), values)


def _canary(session: psycopg.Connection[Any]) -> Mapping[str, Any]:
    from psycopg.rows import dict_row

    with session.cursor(row_factory=dict_row) as cursor:
        found = cursor.execute(statement("sessions/canary", "postgres").encode(), VALUES)
        return found.fetchone() or {}


def _send_times_with_offset(session: psycopg.Connection[Any]) -> None:
    """Send a time without a zone as Shanghai's, with its offset, so that the session's zone does not matter."""
    from psycopg.types.datetime import DatetimeDumper

    class ShanghaiDumper(DatetimeDumper):
        def upgrade(self, obj: datetime, format: Any) -> ShanghaiDumper:  # noqa: ARG002
            return self

        def dump(self, obj: datetime) -> bytes:
            return from_local_time(obj).isoformat(" ").encode()

    session.adapters.register_dumper(datetime, ShanghaiDumper)

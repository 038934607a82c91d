"""Makes a new session with MySQL or MariaDB ready: sets its settings, reads them back, proves them by a canary."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from retail_pipeline.databases.canary import DOCUMENT, TOLD, VALUES, WORDS, hold_against
from retail_pipeline.databases.session_settings import (
    MYSQL_READING,
    MYSQL_WRITING,
    Settings,
    known_here,
    settle,
)
from retail_pipeline.databases.statements import statement

if TYPE_CHECKING:
    import pymysql

# Some sources have no JSON type: they return the octets of a document.
_TOLD = {**TOLD, "document": DOCUMENT.encode().hex(), "returned": WORDS}


def make_ready(session: pymysql.Connection[Any], conn_id: str, *, writes: bool = True) -> None:
    """Give a session the settings that our statements rely on.

    :param writes: False for a source, which needs fewer settings
    :raises ConfigError: it cannot get them
    """
    wanted = MYSQL_WRITING if writes else MYSQL_READING
    settle(conn_id, wanted, lambda: _look(session, wanted), lambda some: _put(session, some), session.Error)
    hold_against(conn_id, _canary(session), _TOLD)


def _look(session: pymysql.Connection[Any], wanted: Settings) -> Mapping[str, str]:
    with session.cursor() as cursor:
        cursor.execute(statement("sessions/look", "mysql"), {"names": (*wanted, "version")})
        found = dict(cursor.fetchall())
    version = found.pop("version", "")
    return known_here(found, version)


def _put(session: pymysql.Connection[Any], some: Settings) -> None:
    assignments = ", ".join(f"{name} = %({name})s" for name in some)
    with session.cursor() as cursor:
        cursor.execute(statement("sessions/put", "mysql").format(assignments=assignments), dict(some))


def _canary(session: pymysql.Connection[Any]) -> Mapping[str, Any]:
    from pymysql.cursors import DictCursor

    with session.cursor(DictCursor) as cursor:
        cursor.execute(statement("sessions/canary", "mysql"), dict(VALUES))
        return cursor.fetchone() or {}

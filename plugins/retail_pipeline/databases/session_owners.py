"""Remembers which connection a session was opened from, so that errors can name the connection to correct."""

from __future__ import annotations

from weakref import WeakKeyDictionary

_CONNECTIONS: WeakKeyDictionary[object, str] = WeakKeyDictionary()


def remember(session: object, conn_id: str) -> None:
    """Remember the connection of a session for as long as the session lives."""
    _CONNECTIONS[session] = conn_id


def connection_of(session: object) -> str:
    """Return the id of a session's connection; "" if it was not remembered."""
    return _CONNECTIONS.get(session, "")

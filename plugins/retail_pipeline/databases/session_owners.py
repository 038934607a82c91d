"""Which connection a session was opened from: whoever is given a session can name what must be mended."""

from __future__ import annotations

from weakref import WeakKeyDictionary

_CONNECTIONS: WeakKeyDictionary[object, str] = WeakKeyDictionary()


def remember(session: object, conn_id: str) -> None:
    """Note the connection of a session for as long as that lives."""
    _CONNECTIONS[session] = conn_id


def connection_of(session: object) -> str:
    """Return the id of a session's connection; "" where nobody told it."""
    return _CONNECTIONS.get(session, "")

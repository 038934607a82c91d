"""A MySQL session that sends the one file that was offered, and no other.

A server may answer any statement by requesting a file of the client's machine, or say that it has no TLS. PyMySQL
would send any file that is named, and go on in clear text.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from pymysql import connections
from pymysql.constants import CLIENT
from pymysql.cursors import Cursor

from retail_pipeline.errors import ConfigError

if TYPE_CHECKING:
    _Connection = connections.Connection[Cursor]
else:
    _Connection = connections.Connection
# PyMySQL's type stubs leave out its internals.
_internals: Any = connections


class _Result(_internals.MySQLResult):
    def _read_load_local_packet(self, first_packet: Any) -> None:
        asked = _internals.LoadLocalPacketWrapper(first_packet).filename
        if self.connection.offered != asked:
            self.connection._force_close()
            raise ConfigError(
                f"connection {self.connection.conn_id!r}: the server asks for a file of this machine that nobody "
                "offered: it is not the server that you believe it to be"
            )
        super()._read_load_local_packet(first_packet)


class GuardedConnection(_Connection):
    """A session in which a server gets only the file that is offered, and nothing without the TLS that was asked for.

    :param tls_by: the field of the connection that asks for TLS; None if the session may do without
    :ivar offered: the file's name, while a statement loads it
    """

    def __init__(self, conn_id: str, *, tls_by: str | None = None, **arguments: Any) -> None:
        self.conn_id = conn_id
        self._tls_by = tls_by
        self.offered: bytes | None = None
        super().__init__(**arguments)

    @contextmanager
    def offering(self, name: str) -> Iterator[None]:
        """Let the statement inside request this file."""
        self.offered = name.encode()
        try:
            yield
        finally:
            self.offered = None

    def _read_query_result(self, unbuffered: bool = False) -> Any:
        self._result: Any = None
        result = _Result(self)
        if unbuffered:
            result.init_unbuffered_query()
        else:
            result.read()
        self._result = result
        if result.server_status is not None:
            self.server_status = result.server_status
        return result.affected_rows

    def _request_authentication(self) -> None:
        """Refuse a server that claims to have no TLS: the driver would send everything in clear text."""
        driver: Any = self
        driver._ssl_required = bool(self._tls_by)  # PyMySQL 1.2 takes a context for a demand
        has_tls = driver.server_capabilities & CLIENT.SSL
        if self._tls_by and not has_tls:
            raise ConfigError(
                f"connection {self.conn_id!r}: the server has no TLS, and extra field {self._tls_by} asks for it"
            )
        if driver.ssl:
            driver.client_flag = driver.client_flag & ~CLIENT.SSL | has_tls
        super()._request_authentication()  # type: ignore[misc]

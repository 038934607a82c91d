"""A MySQL session that hands over the one file that it was told to, and no other.

A server may answer any statement with the wish for a file of the client's machine. PyMySQL sends whatever is named.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from pymysql import connections
from pymysql.cursors import Cursor

from retail_pipeline.errors import ConfigError

if TYPE_CHECKING:
    _Connection = connections.Connection[Cursor]
else:
    _Connection = connections.Connection
# PyMySQL's types leave out what lies below its interface.
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
    """A session in which a server gets no file but the one that is offered.

    :ivar offered: the file's name, while a statement loads it
    """

    def __init__(self, conn_id: str, **arguments: Any) -> None:
        self.conn_id = conn_id
        self.offered: bytes | None = None
        super().__init__(**arguments)

    @contextmanager
    def offering(self, name: str) -> Iterator[None]:
        """Let the server ask for a file by the statement inside."""
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

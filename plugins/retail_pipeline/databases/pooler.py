"""Whether a session has a server process of its own, or a pooler gives it another one for each transaction.

In transaction mode a pooler passes settings, temporary tables, locks and LISTEN on to the next client. It may give us
the same process a hundred times, so getting the same one is no proof. This is a proof: a notification reaches an idle
session only if the pooler has bound a process to it.
"""

from __future__ import annotations

import select
import time
from collections.abc import Callable
from contextlib import closing
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from retail_pipeline.databases.statements import statement
from retail_pipeline.errors import ConfigError, DatabaseUnavailable

if TYPE_CHECKING:
    import psycopg
    from psycopg.pq.abc import PGconn

# How many seconds to wait for the notification.
PATIENCE = 10.0


def prove_own_server(
    session: psycopg.Connection[Any], conn_id: str, open_another: Callable[[], psycopg.Connection[Any]]
) -> None:
    """Refuse a session that does not keep one server process of its own for as long as it lasts.

    At login the server names the process that then serves the session; a pooler makes a number up. So only a session
    through a pooler needs the notification.

    :param open_another: opens a session like this one, which sends the notification
    :raises ConfigError: it shares processes with others
    :raises DatabaseUnavailable: a second session gets no process
    """
    [[pid]] = session.execute(statement("sessions/backend", "postgres").encode()).fetchall()
    if pid == session.info.backend_pid:
        return
    channel = f"retail_{uuid4().hex}"
    session.execute(statement("sessions/listen", "postgres").format(channel=channel).encode())
    with closing(open_another()) as other:
        caller = _call(other.pgconn, conn_id, channel)
        if caller == pid or not list(session.notifies(timeout=PATIENCE, stop_after=1)):
            raise ConfigError(
                f"connection {conn_id!r}: a pooler lends us processes of the server for single transactions: "
                "settings, temporary tables and locks would not be ours. Use its session mode "
                "(PgBouncer: pool_mode = session), or the server's own host and port"
            )


def _call(pgconn: PGconn, conn_id: str, channel: str) -> int:
    """Notify the listening session; return the process that sent it. The driver itself would wait without a limit."""
    pgconn.send_query(statement("sessions/call", "postgres").format(channel=channel).encode())
    end = time.monotonic() + PATIENCE
    while pgconn.is_busy():
        if not select.select([pgconn.socket], [], [], max(0.0, end - time.monotonic()))[0]:
            raise DatabaseUnavailable(
                f"connection {conn_id!r}: the pooler has no process for a second session within {PATIENCE:.0f} s: "
                "raise its pool_size, or use the server's own host and port"
            )
        pgconn.consume_input()
    result = pgconn.get_result()
    return int((result and result.get_value(0, 1)) or 0)

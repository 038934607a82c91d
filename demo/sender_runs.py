"""The processes that send a shop's orders: the sender and its standby, found by their sessions with PostgreSQL."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass

import psutil
import psycopg

from devstack.daemon import Daemon

# The number of a run's lock is its rank; the other lock is the sender's: include/sql/youshu/sender_lock.sql:arrive.
_RUNS = """
SELECT activity.client_port, run.objid::bigint AS rank,
       EXISTS (SELECT FROM pg_locks AS lock
                WHERE lock.pid = run.pid AND lock.locktype = 'advisory' AND lock.objsubid = 1 AND lock.granted
                  AND (lock.classid::bigint << 32) | lock.objid::bigint
                      = hashtextextended('youshu_push_post/' || %(shop)s, 0)) AS sends
FROM pg_locks AS run JOIN pg_stat_activity AS activity USING (pid)
WHERE run.locktype = 'advisory' AND run.objsubid = 2 AND run.granted
  AND run.classid = hashtext('youshu_push_run/' || %(shop)s)::oid"""


@dataclass(frozen=True)
class SenderRun:
    """A run of a shop's push that is alive.

    :ivar sends: it holds the lock; otherwise it stands by
    :ivar rank: 0: it is a stand-in, since all runs are gone
    """

    pid: int
    rank: int
    sends: bool

    def runs_under(self, daemon: Daemon) -> bool:
        with suppress(psutil.NoSuchProcess):
            return daemon.pid() in [parent.pid for parent in psutil.Process(self.pid).parents()]
        return False


def sender_runs(store: psycopg.Connection[tuple[int, int, bool]], shop: str) -> list[SenderRun]:
    rows = store.execute(_RUNS.encode(), {"shop": shop}).fetchall()
    owners = {
        connection.laddr.port: connection.pid
        for connection in psutil.net_connections("tcp")
        if connection.pid and connection.laddr
    }
    return [SenderRun(owners[port], rank, sends) for port, rank, sends in rows if port in owners]


def kill(pids: Iterable[int]) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def with_children(daemon: Daemon) -> list[int]:
    """Return a process with all its children: a container's death ends them all at once."""
    leader = psutil.Process(daemon.pid())
    return [leader.pid, *(child.pid for child in leader.children(recursive=True))]

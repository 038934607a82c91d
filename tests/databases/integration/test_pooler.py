"""Through a real PgBouncer: in session mode all works, in any other mode every session is refused by name."""

from __future__ import annotations

from contextlib import closing
from threading import Event, Thread
from typing import Any
from urllib.parse import unquote, urlsplit

import psycopg
import pytest

from devstack.pgbouncer import PgBouncer
from retail_pipeline.databases import pooler as own_server
from retail_pipeline.databases.postgres_session import query
from retail_pipeline.databases.target_session import query_text
from retail_pipeline.errors import ConfigError, DatabaseUnavailable
from retail_pipeline.orchestration.sessions import open_postgres, open_target
from retail_pipeline.tables.target_tables import prove


def through(bouncer: PgBouncer) -> Any:
    url = urlsplit(bouncer.url)
    return closing(
        psycopg.connect(
            host="127.0.0.1", port=bouncer.port, user=url.username, password=unquote(url.password or ""),
            dbname=url.path.lstrip("/"), autocommit=True, prepare_threshold=None,
        )
    )  # fmt: skip


def process_of(session: psycopg.Connection) -> int:
    return session.execute("SELECT pg_backend_pid()").fetchall()[0][0]


def test_in_session_mode_a_load_works(pooler):
    pooler("session", 3)

    with open_target("warehouse_postgres") as one, open_target("warehouse_postgres") as other:
        prove(one)
        prove(other)
        assert query_text(one, "SELECT current_setting('timezone') AS zone")[0]["zone"] == "Asia/Shanghai"


def test_in_session_mode_locks_and_notifications_are_ours(pooler):
    pooler("session", 4)

    with open_postgres("warehouse_postgres") as one, open_postgres("warehouse_postgres") as other:
        query(one, "youshu/sender_lock/listen", None)
        assert query(one, "youshu/sender_lock/take", {"shop": "flagship"})[0]["taken"]
        assert not query(other, "youshu/sender_lock/take", {"shop": "flagship"})[0]["taken"]
        query(other, "youshu/sender_lock/ask_handover", {"shop": "flagship"})
        assert [notice.payload for notice in one.notifies(timeout=10, stop_after=1)] == ["flagship"]


@pytest.mark.parametrize("mode", ["transaction", "statement"])
@pytest.mark.parametrize("pool_size", [1, 2])
def test_a_pooler_that_lends_processes_is_refused_with_what_to_do(pooler, mode, pool_size):
    pooler(mode, pool_size)

    with (
        pytest.raises(ConfigError, match=r"warehouse_postgres.*session mode"),
        open_target("warehouse_postgres"),
    ):
        pass


def test_it_is_not_by_luck_that_it_is_refused(pooler, monkeypatch):
    """The second session is given another process: from numbers of processes all would look well."""
    monkeypatch.setattr(own_server, "PATIENCE", 0.5)
    bouncer = pooler("transaction", 2)
    with through(bouncer) as session, through(bouncer) as holder, through(bouncer) as another:

        def while_ours_is_held() -> psycopg.Connection:
            holder.execute("BEGIN")
            assert process_of(holder) != process_of(another)
            return another

        with pytest.raises(ConfigError, match=r"'x'.*session mode"):
            own_server.prove_own_server(session, "x", while_ours_is_held)
        holder.execute("COMMIT")


@pytest.mark.parametrize("pool_size", [1, 2, 3])
def test_beside_other_clients_it_is_refused_as_well(pooler, pool_size, monkeypatch):
    monkeypatch.setattr(own_server, "PATIENCE", 2.0)
    bouncer = pooler("transaction", pool_size)
    stop, started = Event(), Event()

    def keep_busy() -> None:
        with through(bouncer) as client:
            while not stop.is_set():
                client.execute("SELECT pg_sleep(0.001)")
                started.set()

    threads = [Thread(target=keep_busy) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        assert started.wait(30)
        for _ in range(2):
            # Where the others leave no process to the second session, that is told.
            told = pytest.raises((ConfigError, DatabaseUnavailable), match=r"warehouse_postgres.*pooler")
            with told, open_target("warehouse_postgres"):
                pass
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def test_a_pool_for_one_session_is_told_as_such(pooler, monkeypatch):
    monkeypatch.setattr(own_server, "PATIENCE", 0.5)
    pooler("session", 1)

    with (
        pytest.raises(DatabaseUnavailable, match=r"warehouse_postgres.*pool_size"),
        open_target("warehouse_postgres"),
    ):
        pass

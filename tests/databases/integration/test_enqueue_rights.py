"""What a shop's backend needs to enqueue: the right to call, whatever its session or its transaction is like."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from psycopg import sql

from tests.conftest import SQL, empty_database, store_tables
from tests.order_push.orders import SHOP, ShopOrders

CALLS = (f"youshu_enqueue_order('{SHOP}', 7)", f"youshu_enqueue_return('{SHOP}', 3)")


@pytest.fixture
def shop(servers) -> Iterator[ShopOrders]:
    """An order that is paid and a return that is finished; nobody has enqueued them."""
    for store in empty_database(servers.postgres.url("store"), *store_tables()):
        orders = ShopOrders(store)
        orders.place(7, "1150", "1160", enqueue=False)
        orders.give_back(3, 7, enqueue=False)
        yield orders


@pytest.fixture
def backend(servers, shop) -> Iterator[psycopg.Connection[Any]]:
    """A session of a role that may connect, and nothing more."""
    url = urlsplit(servers.postgres.url("store"))
    with servers.admin.transaction():
        servers.admin.execute("CREATE ROLE backend LOGIN PASSWORD 'made-up'")
        servers.admin.execute("GRANT CONNECT ON DATABASE store TO backend")
    address = urlunsplit(url._replace(netloc=f"backend:made-up@{url.hostname}:{url.port}"))
    try:
        with psycopg.connect(address, autocommit=True) as session:
            yield session
    finally:
        # Its temporary tables go with its process, which may outlive the connection for a moment.
        servers.admin.execute(
            "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE usename = 'backend'"
        )
        shop.store.execute("DROP SCHEMA IF EXISTS elsewhere CASCADE")
        shop.store.execute(
            "REVOKE ALL ON ALL TABLES IN SCHEMA public FROM backend;"
            "REVOKE ALL ON ALL FUNCTIONS IN SCHEMA public FROM backend"
        )
        servers.admin.execute("REVOKE ALL ON DATABASE store FROM backend")
        servers.admin.execute("DROP ROLE backend")


def let_call(shop: ShopOrders) -> None:
    shop.store.execute(
        "GRANT EXECUTE ON FUNCTION youshu_enqueue_order(text, bigint), youshu_enqueue_return(text, bigint) TO backend"
    )


def states(shop: ShopOrders) -> list[str]:
    return [row["push_type"] for row in shop.rows()]


@pytest.mark.parametrize("call", CALLS)
def test_who_is_not_granted_to_may_not_call(backend, call):
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="function"):
        backend.execute(f"SELECT {call}")


def test_who_may_only_call_enqueues(shop, backend):
    let_call(shop)
    for table in ("t_store_youshu_request", "youshu_order_push", "t_store_order"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            backend.execute(f"SELECT FROM {table}")

    added = [backend.execute(f"SELECT {call}").fetchone() for call in CALLS]

    assert added == [(3,), (1,)]
    assert states(shop) == ["1110", "1150", "1160", "1290"]


def test_who_may_only_call_has_what_a_fault_keeps_out_kept(shop, backend):
    let_call(shop)
    shop.store.execute("DROP VIEW youshu_order_push")

    assert backend.execute(f"SELECT {CALLS[0]}").fetchone() == (None,)

    [(kind, number)] = shop.store.execute("SELECT kind, source_id FROM youshu_enqueue_fault").fetchall()
    assert (kind, number) == ("order", 7)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        backend.execute("SELECT FROM youshu_enqueue_fault")


SURROUNDINGS = {
    "none": "SET search_path = ''",
    "another schema first": "SET search_path = elsewhere, public",
    "temporary tables": "CREATE TEMPORARY TABLE t_store_youshu_request (LIKE elsewhere.t_store_youshu_request)",
}


@pytest.mark.parametrize("surroundings", SURROUNDINGS)
def test_the_search_path_of_whoever_calls_does_not_matter(servers, shop, backend, surroundings):
    let_call(shop)
    shop.store.execute(
        "CREATE SCHEMA elsewhere; GRANT USAGE ON SCHEMA elsewhere TO backend;"
        "CREATE TABLE elsewhere.t_store_youshu_request (LIKE public.t_store_youshu_request);"
        "CREATE VIEW elsewhere.youshu_order_push AS SELECT * FROM public.youshu_order_push WHERE false;"
        "GRANT ALL ON ALL TABLES IN SCHEMA elsewhere TO backend;"
        "GRANT TEMPORARY ON DATABASE store TO backend"
    )
    backend.execute(SURROUNDINGS[surroundings])

    for call in CALLS:
        backend.execute(f"SELECT public.{call}")

    assert states(shop) == ["1110", "1150", "1160", "1290"]


def test_in_a_schema_of_its_own_they_look_there(shop, backend):
    """Not public: the schema that ``retail schema apply`` found first."""
    with shop.store.transaction():
        shop.store.execute("CREATE SCHEMA elsewhere; SET LOCAL search_path = elsewhere")
        for file in store_tables():
            shop.store.execute(file.read_bytes())
        shop.store.execute("INSERT INTO elsewhere.t_store_order SELECT * FROM public.t_store_order")
    shop.store.execute(
        "GRANT USAGE ON SCHEMA elsewhere TO backend;"
        "GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA elsewhere TO backend"
    )

    assert backend.execute(f"SELECT elsewhere.{CALLS[0]}").fetchone() == (3,)
    assert states(shop) == []


@pytest.mark.parametrize("grantee", ["backend", "PUBLIC"])
def test_who_could_call_before_still_can(shop, backend, grantee):
    """Earlier they ran with the caller's rights, so it was granted INSERT."""
    shop.store.execute(
        sql.SQL("GRANT SELECT, INSERT ON t_store_youshu_request TO {}").format(sql.SQL(grantee))
    )
    shop.store.execute((SQL / "schema/store/functions/youshu_enqueue.sql").read_bytes())

    assert backend.execute(f"SELECT {CALLS[0]}").fetchone() == (3,)


def enqueue_and_prepare(session: psycopg.Connection[Any], *settings: str) -> None:
    with session.transaction():
        for setting in settings:
            session.execute(setting)
        session.execute(f"SELECT {CALLS[0]}")
        session.execute("PREPARE TRANSACTION 'checkout'")


def test_a_transaction_that_notifies_cannot_be_prepared(shop):
    with pytest.raises(psycopg.errors.FeatureNotSupported, match="NOTIFY"):
        enqueue_and_prepare(shop.store)

    assert states(shop) == []


@pytest.mark.parametrize("word", ["off", "OFF", "false", "0"])
def test_with_the_notify_off_it_can_and_the_row_is_there_to_be_found(shop, word):
    enqueue_and_prepare(shop.store, f"SET LOCAL retail.notify = '{word}'")
    assert states(shop) == []

    shop.store.execute("COMMIT PREPARED 'checkout'")

    assert states(shop) == ["1110", "1150", "1160"]
    assert {row["status"] for row in shop.rows()} == {0}


@pytest.mark.parametrize(
    ("setting", "alerted"), [("SELECT 1", 1), ("SET retail.notify = on", 1), ("SET retail.notify = off", 0)]
)
def test_a_sender_hears_of_it_unless_that_is_off(servers, shop, setting, alerted):
    with psycopg.connect(servers.postgres.url("store"), autocommit=True) as sender:
        sender.execute("LISTEN youshu_request")
        shop.store.execute(setting)
        shop.store.execute(f"SELECT {CALLS[0]}")
        shop.store.execute("NOTIFY youshu_request, 'the end'")
        told = [notice.payload for notice in sender.notifies(timeout=10, stop_after=alerted + 1)]

    assert told == [""] * alerted + ["the end"]


def test_a_role_may_have_it_off_for_all_of_its_sessions(servers, shop):
    servers.admin.execute("ALTER ROLE store SET retail.notify = off")
    try:
        with psycopg.connect(servers.postgres.url("store"), autocommit=True) as session:
            enqueue_and_prepare(session)
            session.execute("ROLLBACK PREPARED 'checkout'")
    finally:
        servers.admin.execute("ALTER ROLE store RESET retail.notify")

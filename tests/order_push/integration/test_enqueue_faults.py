"""A fault of ours leaves the shop's transaction alone: what it keeps out is kept, enqueued once that can be done."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event
from typing import Any

import psycopg
import pytest

from retail_pipeline.pipelines.order_push.enqueue_faults import enqueue_kept_out
from tests.conftest import SQL, server_url
from tests.order_push.orders import SHOP, ShopOrders
from tests.patience import PATIENCE

PHONE = "13800001111"
FAULTS = "youshu_enqueue_fault"


@pytest.fixture
def shop(store) -> ShopOrders:
    return ShopOrders(store)


def spoil(shop: ShopOrders, column: str, instead: str) -> None:
    """Let the view of orders give something else in one column."""
    shop.store.execute("ALTER VIEW youshu_order_push RENAME TO as_it_was")
    columns = [
        row[0]
        for row in shop.store.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = 'as_it_was'::regclass AND attnum > 0"
        )
    ]
    listed = ", ".join(f"{instead} AS {name}" if name == column else name for name in columns)
    shop.store.execute(f"CREATE VIEW youshu_order_push AS SELECT {listed} FROM as_it_was")


def mend(shop: ShopOrders) -> None:
    shop.store.execute(
        "DROP VIEW IF EXISTS youshu_order_push; ALTER VIEW IF EXISTS as_it_was RENAME TO youshu_order_push"
    )


def check_out(shop: ShopOrders, number: int = 7) -> int | None:
    """Let the shop take an order and enqueue it, in one transaction; return what the call said."""
    with shop.store.transaction():
        shop.place(number, enqueue=False)
        [(said,)] = shop.store.execute("SELECT youshu_enqueue_order(%s, %s)", [SHOP, number]).fetchall()
    return said


def kept(shop: ShopOrders) -> list[tuple[Any, ...]]:
    return shop.store.execute(
        f"SELECT shop, kind, source_id, code, error FROM {FAULTS} ORDER BY id"
    ).fetchall()


def placed(shop: ShopOrders) -> int:
    [(count,)] = shop.store.execute("SELECT count(*) FROM t_store_order").fetchall()
    return int(count)


RAISING = (
    "CREATE FUNCTION raising(phone text) RETURNS numeric LANGUAGE plpgsql AS $$ BEGIN {} RETURN 1; END $$"
)
ROUTINE = "a routine of the database raises it"
SPOILT = {
    "no view": ("ALTER VIEW youshu_order_push RENAME TO as_it_was", "42P01", 'relation "youshu_order_push"'),
    "a column less": ("ALTER VIEW youshu_order_push RENAME COLUMN detail TO document", "42703", "detail"),
    "no right": ("REVOKE SELECT ON t_store_order_item FROM CURRENT_USER", "42501", "permission denied"),
    "a cast": (("total", f"'{PHONE}x'::text::numeric"), "22P02", "invalid input syntax for type numeric"),
    "a division": (("total", "1 / (order_source - 1)"), "22012", "division by zero"),
    "a long code": (
        ("order_code", f"repeat('{PHONE}', 9)"),
        "22001",
        "value too long for type character varying",
    ),
    "no code": (("order_code", "NULL::text"), "23502", "order_code"),
    "a routine": (("total", f"raising('{PHONE}')"), "P0001", ROUTINE),
    "a routine's code": (("total", f"raising('{PHONE}')"), "42P01", ROUTINE),
    "an assertion": (("total", f"raising('{PHONE}')"), "P0004", ROUTINE),
}
BODIES = {
    "a routine": "RAISE EXCEPTION '%', phone;",
    "a routine's code": "RAISE EXCEPTION USING MESSAGE = phone, ERRCODE = '42P01';",
    "an assertion": "ASSERT false, phone;",
}


@pytest.fixture(params=SPOILT)
def fault(request, shop) -> tuple[str, str]:
    """A fault of ours: its code and how its words begin."""
    how, code, words = SPOILT[request.param]
    if request.param in BODIES:
        shop.store.execute(RAISING.format(BODIES[request.param]))
    shop.store.execute(how) if isinstance(how, str) else spoil(shop, *how)
    return code, words


def test_the_shops_transaction_goes_on_and_the_order_is_kept_without_a_value_of_it(shop, fault):
    assert check_out(shop) is None

    assert placed(shop) == 1
    assert shop.rows() == []
    [(of, kind, number, code, words)] = kept(shop)
    assert (of, kind, number, code) == (SHOP, "order", 7, fault[0])
    assert fault[1] in words
    assert PHONE not in words


def test_a_shop_that_wants_it_strict_hears_of_it(shop, fault):
    shop.store.execute("SET retail.strict = on")
    with pytest.raises(psycopg.Error) as told:
        check_out(shop)

    assert told.value.sqlstate == fault[0]
    assert placed(shop) == 0
    assert kept(shop) == []


@pytest.mark.parametrize("word", ["off", "no", ""])
def test_other_words_do_not_make_it_strict(shop, word):
    shop.store.execute("SELECT set_config('retail.strict', %s, false)", [word])
    shop.store.execute("DROP VIEW youshu_order_push")

    assert check_out(shop) is None


def test_a_return_is_kept_likewise(shop):
    shop.place(7, "1150")
    shop.store.execute("ALTER VIEW youshu_return_push RENAME TO as_it_was")
    shop.give_back(3, 7)
    assert [row[1:3] for row in kept(shop)] == [("return", 3)]

    shop.store.execute("ALTER VIEW as_it_was RENAME TO youshu_return_push")
    enqueue_kept_out(shop.store, SHOP)

    assert kept(shop) == []
    assert [row["return_code"] for row in shop.rows(push_type="1290")] == ["R3"]


def test_where_not_even_that_can_be_done_the_shops_transaction_still_goes_on(shop):
    shop.store.execute(f"DROP VIEW youshu_order_push; DROP TABLE {FAULTS}")
    told: list[tuple[str | None, ...]] = []
    shop.store.add_notice_handler(lambda notice: told.append((notice.severity, notice.message_primary)))

    assert check_out(shop) is None

    assert placed(shop) == 1
    assert told == [("WARNING", f"order 7 of {SHOP} is not enqueued (42P01), and cannot be kept (42P01)")]


@contextmanager
def another() -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(server_url("STORE_POSTGRES_URL"), autocommit=True) as session:
        yield session


def test_a_view_that_is_locked_for_too_long_is_a_fault_of_ours(shop):
    shop.store.execute("SET lock_timeout = '50ms'")
    with another() as replacing, replacing.transaction():
        replacing.execute("ALTER VIEW youshu_order_push RENAME COLUMN total TO amount")
        assert check_out(shop) is None

    assert [row[3] for row in kept(shop)] == ["55P03"]


@pytest.mark.parametrize("kind", ["order", "return"])
def test_an_order_that_a_session_of_ours_holds_for_too_long_is_kept_and_enqueued_when_it_is_free(shop, kind):
    """As the capture does: it enqueues a page of them in one transaction."""
    shop.place(7)
    shop.give_back(3, 7)
    number = 7 if kind == "order" else 3
    enqueue = f"SELECT youshu_enqueue_{kind}('{SHOP}', {number})"
    shop.store.execute("SET lock_timeout = '50ms'")
    with another() as capturing, capturing.transaction():
        capturing.execute(enqueue)
        with shop.store.transaction():
            shop.store.execute("UPDATE t_store_order SET pay_time = %s", [shop.moment])
            shop.store.execute("UPDATE t_store_order_return SET freight_amount = 5")
            assert shop.store.execute(enqueue).fetchall() == [(None,)]
    held = (SHOP, kind, number, "55P03", "canceling statement due to lock timeout")
    assert (kept(shop), len(shop.rows())) == ([held], 2)

    enqueue_kept_out(shop.store, SHOP)

    assert kept(shop) == []
    assert shop.rows()[-1]["push_type"] == ("1150" if kind == "order" else "1290")
    assert len(shop.rows()) == 3


def test_a_shop_that_wants_it_strict_hears_of_a_lock_that_is_held(shop):
    shop.place(7)
    shop.store.execute("SET lock_timeout = '50ms'; SET retail.strict = on")
    with another() as capturing, capturing.transaction():
        capturing.execute(f"SELECT youshu_enqueue_order('{SHOP}', 7)")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            shop.enqueue(7)

    assert kept(shop) == []


def test_an_end_of_the_statement_goes_through(shop):
    spoil(shop, "total", "(pg_sleep(60)::text || order_source)::numeric")
    shop.store.execute("SET statement_timeout = '100ms'")

    with pytest.raises(psycopg.errors.QueryCanceled):
        check_out(shop)

    assert placed(shop) == 0


def test_a_serialization_failure_goes_through_for_the_shop_to_repeat(shop):
    shop.place(7, "1150", enqueue=False)
    shop.store.execute("SET default_transaction_isolation = serializable")
    enqueue = f"SELECT youshu_add_order('{SHOP}', 7)"  # both count the rows, and each adds some that the other lacks
    with another() as other, shop.store.transaction(force_rollback=True):
        shop.store.execute("SELECT count(*) FROM t_store_youshu_request")
        with other.transaction():
            other.execute("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE")
            other.execute(f"SELECT count(*) FROM t_store_youshu_request; {enqueue}")
        with pytest.raises(psycopg.errors.SerializationFailure):
            shop.store.execute(enqueue.replace("add", "enqueue"))

    assert kept(shop) == []


def test_a_deadlock_goes_through(shop):
    """One of two that wait for each other is ended by the server, whichever it is, and hears of it."""
    shop.place(7, enqueue=False)
    shop.store.execute("CREATE TABLE counter ()")

    def replace() -> None:
        with another() as session, session.transaction():
            session.execute("ALTER VIEW youshu_order_push RENAME COLUMN total TO amount")
            holds.set()
            session.execute("LOCK TABLE counter IN ACCESS EXCLUSIVE MODE")

    def enqueue() -> None:
        with another() as session, session.transaction():
            session.execute("LOCK TABLE counter IN ACCESS EXCLUSIVE MODE")
            holds_other.set()
            assert holds.wait(PATIENCE)
            session.execute("SELECT youshu_enqueue_order(%s, 7)", [SHOP])

    holds, holds_other = Event(), Event()
    with ThreadPoolExecutor(2) as threads:
        enqueuing = threads.submit(enqueue)
        assert holds_other.wait(PATIENCE)
        both = [enqueuing, threads.submit(replace)]
        faults = [future.exception(PATIENCE) for future in both]
    assert [type(fault) for fault in faults if fault] == [psycopg.errors.DeadlockDetected]
    assert kept(shop) == []


def test_the_functions_of_before_become_these(shop):
    """An upgrade runs the file in a database where backends are calling."""
    shop.store.execute((SQL / "schema/store/functions/youshu_enqueue.sql").read_bytes())
    assert check_out(shop) == 1

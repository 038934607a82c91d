"""Views are replaced while the shop's checkouts go on: none of these fails, waits for long, or is forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from itertools import cycle
from pathlib import Path
from threading import Event
from typing import Any

import psycopg
import pytest

from retail_pipeline.databases import view_changes
from retail_pipeline.databases.view_changes import change_giving_way, make_view
from retail_pipeline.errors import DatabaseUnavailable
from retail_pipeline.pipelines.order_push.enqueue_faults import enqueue_kept_out
from retail_pipeline.pipelines.order_push.order_views import ORDER_PUSH, RETURN_PUSH
from tests.conftest import SQL, server_url
from tests.order_push.orders import SHOP, ShopOrders
from tests.patience import PATIENCE

ORDERS, TILLS = 60, 3
OTHER = replace(ORDER_PUSH, file="youshu/other_columns")
COLUMNS = "detail, " + ", ".join(name for name in ORDER_PUSH.columns if name != "detail")


@pytest.fixture
def shop(store) -> ShopOrders:
    return ShopOrders(store)


@pytest.fixture
def files(tmp_path, monkeypatch) -> Path:
    """The views that come with the project, and one whose columns stand in another order: it cannot be replaced."""
    text = (SQL / "youshu/order_push_view.sql").read_text(encoding="utf-8")
    monkeypatch.setattr(view_changes, "SQL", tmp_path)
    (tmp_path / "youshu").mkdir()
    for name in ("order_push_view", "return_push_view"):
        (tmp_path / f"youshu/{name}.sql").write_bytes((SQL / f"youshu/{name}.sql").read_bytes())
    create = "CREATE OR REPLACE VIEW youshu_order_push AS\n"
    select = text.partition(create)[2].strip().rstrip(";")
    other = f"{create}SELECT {COLUMNS} FROM ({select}) AS v"
    (tmp_path / "youshu/other_columns.sql").write_text(other, encoding="utf-8")
    return tmp_path / "youshu"


@contextmanager
def another() -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(server_url("STORE_POSTGRES_URL"), autocommit=True) as session:
        yield session


def by_the_command(session: psycopg.Connection[Any], contract: Any) -> None:
    """As `retail schema apply` does."""
    change_giving_way(session, "store_postgres", lambda: make_view(session, "store_postgres", contract))


def by_hand(session: psycopg.Connection[Any], contract: Any) -> None:
    """As somebody does who was told to drop it first."""
    session.execute("DROP VIEW IF EXISTS youshu_order_push")
    session.execute((view_changes.SQL / f"{contract.file}.sql").read_bytes())


@pytest.mark.parametrize("replacing", [by_the_command, by_hand])
def test_no_checkout_fails_while_the_view_is_replaced_and_each_is_enqueued(shop, files, replacing):
    done = Event()

    def check_out(till: int) -> None:
        with another() as session:
            orders = ShopOrders(session)
            for number in range(till, ORDERS, TILLS):
                orders.place(number + 1, "1150", enqueue=False)
                with session.transaction():
                    session.execute("UPDATE t_store_order SET status = 'paid' WHERE id = %s", [number + 1])
                    session.execute("SELECT youshu_enqueue_order(%s, %s)", [SHOP, number + 1])

    def replace_again_and_again() -> int:
        with another() as session:
            for count, contract in enumerate(cycle([OTHER, ORDER_PUSH])):
                replacing(session, contract)
                if done.is_set() and contract is ORDER_PUSH:
                    return count
        raise AssertionError

    with ThreadPoolExecutor(TILLS + 1) as threads:
        replaced = threads.submit(replace_again_and_again)
        tills = [threads.submit(check_out, till) for till in range(TILLS)]
        try:
            for till in tills:
                till.result(PATIENCE)
        finally:
            done.set()
        assert replaced.result(PATIENCE) > 1
    enqueue_kept_out(shop.store, SHOP)
    assert sorted(row["order_id"] for row in shop.rows(push_type="1150")) == list(range(1, ORDERS + 1))
    assert shop.store.execute("SELECT FROM youshu_enqueue_fault").fetchall() == []


def test_a_long_transaction_is_given_way_to_and_asked_again(shop, files):
    with another() as long, another() as session:
        long.execute("BEGIN")
        long.execute("SELECT FROM youshu_order_push")
        pauses: list[float] = []

        def end_it(seconds: float) -> None:
            pauses.append(seconds)
            long.execute("COMMIT")

        change_giving_way(session, "", lambda: make_view(session, "", OTHER), pause=end_it)

    assert len(pauses) == 1
    assert shop.store.execute("SELECT * FROM youshu_order_push").description[0].name == "detail"


def test_where_it_never_ends_nothing_is_changed_and_that_is_told(shop, files):
    with another() as long, another() as session:
        long.execute("BEGIN")
        long.execute("SELECT FROM youshu_order_push")
        with pytest.raises(
            DatabaseUnavailable, match=r"'store_postgres': long transactions use .* 2 times in a row"
        ):
            change_giving_way(
                session,
                "store_postgres",
                lambda: make_view(session, "", OTHER),
                tries=2,
                pause=lambda _: None,
            )

    assert shop.store.execute("SELECT * FROM youshu_order_push").description[0].name == "shop"


def test_of_two_that_wait_for_each_other_it_is_the_change_that_gives_way(shop, files):
    shop.place(7, "1150", enqueue=False)
    locked = Event()

    def change_both(session: psycopg.Connection[Any]) -> None:
        [(limits,)] = session.execute(
            "SELECT current_setting('lock_timeout')::interval * 2 = current_setting('deadlock_timeout')::interval"
        ).fetchall()
        assert limits  # the server looks for a deadlock later than that
        make_view(session, "", OTHER)
        locked.set()
        make_view(session, "", RETURN_PUSH)

    def change() -> None:
        with another() as session:
            change_giving_way(session, "", lambda: change_both(session), tries=1)

    with ThreadPoolExecutor(1) as threads, another() as session, session.transaction():
        session.execute("SELECT youshu_enqueue_return(%s, 1)", [SHOP])
        changing = threads.submit(change)
        assert locked.wait(PATIENCE)
        assert session.execute("SELECT youshu_enqueue_order(%s, 7)", [SHOP]).fetchone() == (2,)
        assert isinstance(changing.exception(PATIENCE), DatabaseUnavailable)

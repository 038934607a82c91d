"""What a fault of ours has kept out of the outbox is enqueued once that can be done, and nobody waits for it."""
# ruff: noqa: F401, F811 (a fixture of another file)

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from retail_pipeline.pipelines.order_push import enqueue_faults
from retail_pipeline.pipelines.order_push.enqueue_faults import enqueue_kept_out
from tests.order_push.integration.test_enqueue_faults import (
    FAULTS,
    another,
    check_out,
    kept,
    mend,
    shop,
    spoil,
)
from tests.order_push.orders import SHOP


def test_what_was_kept_is_enqueued_once_the_view_answers_and_what_fails_again_waits_behind(shop):
    shop.store.execute("ALTER VIEW youshu_order_push RENAME TO as_it_was")
    for number in (1, 2, 3):
        check_out(shop, number)
    mend(shop)
    spoil(shop, "order_code", "CASE order_id WHEN 1 THEN repeat(order_code, 99) ELSE order_code END")
    [(since,)] = shop.store.execute(f"SELECT since FROM {FAULTS} WHERE source_id = 1").fetchall()

    enqueue_kept_out(shop.store, SHOP)

    assert {row["order_code"] for row in shop.rows()} == {"N2", "N3"}
    assert [(row[2], row[3]) for row in kept(shop)] == [(1, "22001")]
    assert shop.store.execute(f"SELECT since FROM {FAULTS}").fetchall() == [(since,)]
    mend(shop)
    enqueue_kept_out(shop.store, SHOP)
    assert {row["order_code"] for row in shop.rows()} == {"N1", "N2", "N3"}
    assert kept(shop) == []


def test_an_order_that_failed_often_is_enqueued_once(shop):
    shop.store.execute("ALTER VIEW youshu_order_push RENAME TO as_it_was")
    check_out(shop)
    for _ in range(2):
        assert shop.store.execute("SELECT youshu_enqueue_order(%s, 7)", [SHOP]).fetchall() == [(None,)]
    mend(shop)

    enqueue_kept_out(shop.store, SHOP)

    assert shop.states(7) == [("1110", 0)]
    assert kept(shop) == []


def test_an_order_that_a_transaction_holds_is_not_waited_for(shop):
    shop.store.execute("ALTER VIEW youshu_order_push RENAME TO as_it_was")
    check_out(shop, 7)
    check_out(shop, 8)
    mend(shop)
    shop.store.execute("SET lock_timeout = '50ms'")
    with another() as busy:
        with busy.transaction():
            busy.execute("SELECT youshu_enqueue_order(%s, 7)", [SHOP])
            enqueue_kept_out(shop.store, SHOP)
            assert [row[2] for row in kept(shop)] == [7]
        enqueue_kept_out(shop.store, SHOP)

    assert kept(shop) == []
    assert sorted(row["order_code"] for row in shop.rows()) == ["N7", "N8"]


def test_it_goes_on_at_once_as_long_as_a_full_page_brings_something(shop, monkeypatch):
    monkeypatch.setattr(enqueue_faults, "PAGE", 2)
    shop.store.execute("ALTER VIEW youshu_order_push RENAME TO as_it_was")
    for number in range(1, 6):
        check_out(shop, number)
    assert enqueue_kept_out(shop.store, SHOP) is False  # all fail: the view has to be mended first
    mend(shop)

    assert [enqueue_kept_out(shop.store, SHOP) for _ in range(3)] == [True, True, False]
    assert len(shop.rows()) == 5


def test_two_that_enqueue_at_once_share_what_is_kept(shop):
    shop.store.execute("ALTER VIEW youshu_order_push RENAME TO as_it_was")
    for number in range(1, 21):
        check_out(shop, number)
    mend(shop)

    def call(_: int) -> None:
        with another() as session:
            enqueue_kept_out(session, SHOP)

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(call, range(8)))
    assert sorted(row["order_id"] for row in shop.rows()) == list(range(1, 21))
    assert kept(shop) == []


def test_other_shops_are_left_alone(shop):
    shop.store.execute("ALTER VIEW youshu_order_push RENAME TO as_it_was")
    check_out(shop)
    mend(shop)

    enqueue_kept_out(shop.store, "outlet")

    assert len(kept(shop)) == 1

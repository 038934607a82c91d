"""A shop whose name the view does not have: nothing of it is found at night, and so nothing of it lacks."""
# ruff: noqa: F401, F811 (a fixture of another file)

from __future__ import annotations

from datetime import timedelta

import pytest

from retail_pipeline.pipelines.order_push.reconcile import OrderReconcile
from tests.order_push.integration.test_order_reconcile import LOOKBACK, settings_of, shop
from tests.order_push.orders import SHOP, ShopOrders

DAYS = 3


def unknown(shop: ShopOrders, name: str, orders: str = "captured") -> str | None:
    reconciling = OrderReconcile(shop.store, settings_of(orders, name), LOOKBACK)
    return reconciling.unknown_shop(DAYS, reconciling.reconcile(DAYS, enqueue=True))


@pytest.mark.parametrize("orders", ["captured", "enqueued"])
def test_it_is_told_with_the_names_that_the_view_has_the_nearest_and_the_largest_first(shop, orders):
    for number, name in ((1, "outlet"), (2, SHOP), (3, SHOP)):
        ShopOrders(shop.store, shop=name, moment=shop.moment).place(number, enqueue=False)

    told = unknown(shop, "flagshp", orders)

    assert told == (
        "the view youshu_order_push has no order of shop 'flagshp' with order_source 1 within 3 days, but of: "
        "'flagship' source 1 (2), 'outlet' source 1 (1); did you mean 'flagship'? is the shop's name in the settings "
        "that of the view? (视图中没有该店铺的订单, 店铺名是否与视图一致?)"
    )


def test_a_shop_that_has_orders_is_known_also_where_nothing_of_it_is_compared(shop):
    """Before its sender has begun, or the capture has read."""
    shop.store.execute("TRUNCATE youshu_push_sender")
    shop.place(1, enqueue=False)

    assert unknown(shop, SHOP) is None


def test_a_shop_with_other_sources_only_is_told_which(shop):
    shop.place(1, source=3, enqueue=False)

    assert "'flagship' source 3 (1)" in (unknown(shop, SHOP) or "")


def test_orders_of_before_are_none(shop):
    shop.moment -= timedelta(days=DAYS)
    shop.place(1, enqueue=False)

    assert "but of: nobody" in (unknown(shop, SHOP) or "")

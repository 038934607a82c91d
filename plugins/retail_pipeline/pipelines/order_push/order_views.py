"""The views that map a shop's own tables: the columns of each, and which of them a shop needs."""

from __future__ import annotations

from collections.abc import Sequence

from retail_pipeline.databases.view_contract import Column, Contract, Kind
from retail_pipeline.settings.retail import Shop

_INTEGERS = ("bigint", "integer", "smallint")
_AS_TEXT = "(…)::text AS {column}"
_EPOCH = (
    "to_timestamp((…) / 1000.0) AS {column} where it is milliseconds, to_timestamp(…) where it is seconds"
)
_CENTS = "(…)::numeric / 100 AS {column} where it is cents (分), (…)::numeric where it is yuan (元)"

TEXT = Kind(("text", "character varying"), {}, _AS_TEXT)
TIME = Kind(
    ("timestamp with time zone",),
    {
        "timestamp without time zone": "(…) AT TIME ZONE 'Asia/Shanghai' AS {column} where it is local time",
        **dict.fromkeys((*_INTEGERS, "numeric", "double precision"), _EPOCH),
    },
    "(…)::timestamp AT TIME ZONE 'Asia/Shanghai' AS {column} where it is local time",
)
YUAN = Kind(("numeric",), dict.fromkeys(_INTEGERS, _CENTS), "(…)::numeric AS {column}")
NUMBER = Kind(
    _INTEGERS,
    dict.fromkeys(("numeric", "double precision", "real"), "(…)::bigint AS {column}, and index that"),
    "youshu_key((…)::text) AS {column}, index that in your table, and let the backend call "
    "youshu_enqueue_order(shop, youshu_key(…)), or youshu_enqueue_return",
)
KEY = Kind((*_INTEGERS, "numeric", "text", "character varying", "uuid"), {}, _AS_TEXT)
SOURCE = Kind(
    ("integer", "bigint", "smallint"),
    {"numeric": "(…)::integer AS {column}"},
    "CASE … WHEN 'what you call mini-program orders' THEN 1 … END AS {column}",
)
JSON = Kind(("jsonb",), {}, "(…)::jsonb AS {column}")

_SHOP = Column(TEXT, "the shop's name in retail.yaml")
_SOURCE = Column(SOURCE, "1 mini-program, 2 app, 3 website")
_CODE = Column(TEXT, "what Youshu knows the order by")
_CHANGED = Column(TIME, "when anything of it changed last")
_TOTAL = Column(YUAN, "in yuan", nullable=True)

ORDERS = Contract(
    view="youshu_order",
    file="youshu/order_view",
    columns={
        "shop": _SHOP,
        "order_id": Column(KEY, "unique per shop"),
        "order_source": _SOURCE,
        "placed_at": Column(TIME, "when the order was placed"),
        "paid_at": Column(TIME, "when it was paid; NULL: it is not", nullable=True),
        "payment_amount": Column(YUAN, "in yuan"),
    },
    key="order_id",
    newest="placed_at",
    by_time=("placed_at", "paid_at"),
)
_STATES = ("created_at", "cancelled_unpaid_at", "paid_at", "cancelled_paid_at", "shipped_at", "finished_at")
ORDER_PUSH = Contract(
    view="youshu_order_push",
    file="youshu/order_push_view",
    columns={
        "shop": _SHOP,
        "order_id": Column(NUMBER, "unique per shop"),
        "order_code": _CODE,
        "order_source": _SOURCE,
        "changed_at": _CHANGED,
        "total": _TOTAL,
        **{name: Column(TIME, "when that state began; NULL: it has not", nullable=True) for name in _STATES},
        "detail": Column(JSON, "Youshu's order object"),
    },
    key="order_id",
    newest="changed_at",
    by_value=("order_id",),
    by_time=("changed_at",),
    shifted=(
        "youshu/shifted/order_push",
        "detail.create_time is not created_at in 13 digits: write floor(extract(epoch FROM …) * 1000)::bigint::text, "
        "where … is what stands there for created_at",
    ),
)
RETURN_PUSH = Contract(
    view="youshu_return_push",
    file="youshu/return_push_view",
    columns={
        "shop": _SHOP,
        "return_id": Column(NUMBER, "unique per shop"),
        "return_code": Column(TEXT, "what Youshu knows the return by"),
        "order_id": Column(NUMBER, "of the order that it belongs to"),
        "order_code": _CODE,
        "order_source": _SOURCE,
        "changed_at": _CHANGED,
        "finished_at": Column(TIME, "when it was finished; NULL: it is not", nullable=True),
        "total": _TOTAL,
        "detail": Column(JSON, "Youshu's return object"),
    },
    key="return_id",
    newest="changed_at",
    by_value=("return_id",),
    by_time=("changed_at",),
    shifted=(
        "youshu/shifted/return_push",
        "detail.return_create_time is no time of 13 digits before changed_at: write "
        "floor(extract(epoch FROM …) * 1000)::bigint::text, where … has a time zone",
    ),
)


def needed_by(shops: Sequence[Shop]) -> list[Contract]:
    """Return the views that these shops' pipelines read."""
    needed = [ORDERS] if any("youshu_order_summary" in shop.reports for shop in shops) else []
    if any(shop.orders != "none" for shop in shops):
        needed += [ORDER_PUSH, RETURN_PUSH]
    return needed


def shops_of(contract: Contract, shops: Sequence[Shop]) -> list[str]:
    """Return the names of the shops for which a view is read."""
    return [shop.name for shop in shops if contract in needed_by([shop])]

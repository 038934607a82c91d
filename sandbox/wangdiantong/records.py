"""What after-sales orders look like: 200 models, every status with every type in every shop, some awkward.

They are made from the templates in records.yaml. An order of a model differs from its siblings by what follows from
its number and its times.
"""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from random import Random
from typing import Any

from sandbox.templates import Facts, each, read_templates, render

STATUSES = (10, 20, 30, 40, 80, 81, 85, 86, 87, 90)
TYPES = (1, 2, 3, 4, 6)
PLATFORMS = (1, 3, 127, 2)  # of an account's shops, in the order of their numbers
OWN_PLATFORM = 127  # the only one whose buyers the vendor shows
RETURN, EXCHANGE = 2, 3
MODELS = len(STATUSES) * len(TYPES) * len(PLATFORMS)
WITHOUT_LINES, WITH_SIXTY_LINES, WITH_HUGE_PRICE = 13, 57, 111
HUGE_PRICE = Decimal("123456789012345.6789")
_TEMPLATES = read_templates(Path(__file__).with_name("records.yaml"))


def shops_of(account: str) -> list[dict[str, Any]]:
    first = 101 if account == "flagship" else 201
    return [
        {"shop_no": f"0{first + place}", "shop_id": first + place, "platform": platform}
        for place, platform in enumerate(PLATFORMS)
    ]


@lru_cache(maxsize=2 * MODELS)
def model(seed: int, account: str, index: int) -> dict[str, Any]:
    status = STATUSES[index % len(STATUSES)]
    kind = TYPES[index // len(STATUSES) % len(TYPES)]
    shop = shops_of(account)[index // (len(STATUSES) * len(TYPES))]
    goods_come = kind in (RETURN, EXCHANGE)
    facts = {
        **_TEMPLATES,
        **{"dice": Random(f"{seed}/{account}/{index}"), "index": index, "shop": shop},
        **{"amount": _amount, "lines": _lines, "money": _money},
        **{"type": kind, "exchange": kind == EXCHANGE, "own_shop": shop["platform"] == OWN_PLATFORM},
        **{"status": status, "checked": status >= 30, "settled": status >= 80, "goods_come": goods_come},
        "stockin": {10: 4, 20: 1, 30: 1, 40: 1, 81: 2}.get(status, 3) if goods_come else 0,
    }
    order: dict[str, Any] = render(_TEMPLATES["order"], facts)
    add_up(order)
    return order


def add_up(order: dict[str, Any]) -> None:
    """What an order says of its own lines. An exchange gives goods for goods, so its goods line has no money."""
    lines, money = order["detail_list"], order["amount_detail_list"]
    order["return_goods_count"] = _sum(lines, "refund_num")
    order["return_goods_amount"] = _sum(lines, "total_amount")
    goods = order["return_goods_amount"] if order["type"] != EXCHANGE else Decimal(0)
    for line in money:
        if line["refund_type"] == 1:
            line["refund_amount"] = goods
    order["actual_refund_amount"] = _sum(money, "refund_amount")
    order["guarantee_refund_amount"] = _sum([line for line in money if line["is_guarantee"]], "refund_amount")
    order["direct_refund_amount"] = order["actual_refund_amount"] - order["guarantee_refund_amount"]
    order["receive_amount"] = _sum(money, "receive_amount")


def _sum(lines: list[dict[str, Any]], name: str) -> Decimal:
    return sum((line[name] for line in lines), Decimal(0))


def _amount(facts: Facts, told: Decimal | int) -> Decimal:
    """The same amount as 1, 1.5 or 1.0000: the vendor's decimals come with any number of digits."""
    amount = Decimal(told)
    shortest = Decimal(f"{amount.normalize():f}")
    chosen: Decimal = facts["dice"].choice([shortest, amount.quantize(Decimal("0.0001"))])
    return chosen


def _lines(facts: Facts) -> list[Any]:
    dice, index = facts["dice"], facts["index"]
    usual = dice.choice((1, 1, 1, 2, 2, 3, 4))
    count = {WITHOUT_LINES: 0, WITH_SIXTY_LINES: 60}.get(index, usual)
    prices = [Decimal(dice.randint(1, 99900)) / dice.choice((1, 10, 100)) for _ in range(count)]
    if index == WITH_HUGE_PRICE:
        prices[0] = HUGE_PRICE
    return each(facts, facts["line"], [{"price": price} for price in prices])


def _money(facts: Facts) -> list[Any]:
    """A line for the goods, and sometimes one more."""
    goods = each(facts, facts["money_line"], [{"type": 1, "paid_back": True}])
    more = facts["dice"].choice(
        ([], [], [{"type": 2, "paid_back": False}], [{"type": 99, "paid_back": True}])
    )
    return goods + [render(facts["money_line"], {**facts, "position": 2, **own}) for own in more]

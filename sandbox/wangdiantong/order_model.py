"""What after-sales orders look like: 200 models, every status with every type in every shop, some awkward.

Source of the fields: the search's page; the last ones are in replies only. An order of a model differs from its
siblings by what follows from its number and its times.
"""

from __future__ import annotations

from decimal import Decimal
from random import Random
from typing import Any

from sandbox.wangdiantong.nasty_texts import BUYERS, CARRIERS, REASONS, REMARKS
from sandbox.wangdiantong.order_lines import (
    HUGE_PRICE,
    RAW_REFUND_NO,
    TID,
    TRADE_NO,
    line,
    money_line,
    number,
    swap_order,
)
from sandbox.wangdiantong.record_json import bare
from sandbox.wangdiantong.totals import EXCHANGE, add_up

STATUSES = (10, 20, 30, 40, 80, 81, 85, 86, 87, 90)
TYPES = (1, 2, 3, 4, 6)
PLATFORMS = (1, 3, 127, 2)  # of an account's shops, in the order of their numbers
OWN_PLATFORM = 127  # the only one whose buyers the vendor shows
MODELS = len(STATUSES) * len(TYPES) * len(PLATFORMS)
WITHOUT_LINES, WITH_SIXTY_LINES, WITH_HUGE_PRICE = 13, 57, 111


def shops_of(account: str) -> list[dict[str, Any]]:
    first = 101 if account == "flagship" else 201
    return [
        {"shop_no": f"0{first + place}", "shop_id": first + place, "platform": platform}
        for place, platform in enumerate(PLATFORMS)
    ]


def model(seed: int, account: str, index: int) -> dict[str, Any]:
    dice = Random(f"{seed}/{account}/{index}")
    status = STATUSES[index % len(STATUSES)]
    kind = TYPES[index // len(STATUSES) % len(TYPES)]
    shop = shops_of(account)[index // (len(STATUSES) * len(TYPES))]
    order = {
        **_identity(shop),
        **_state(status, kind, dice),
        **_buyer(shop["platform"], dice),
        **_warehouse(kind, dice),
        **_reasons(dice),
        "detail_list": _lines(index, shop["platform"], dice),
        "amount_detail_list": [money_line(1, 1, True, dice), *_more_money(dice)],
        **_sometimes(index, dice),
    }
    if kind == EXCHANGE:
        order["swap_order"] = swap_order(shop, dice)
    add_up(order)
    return order


def _identity(shop: dict[str, Any]) -> dict[str, Any]:
    return {
        "refund_id": number(""),
        "refund_no": "TK%(id)011d",
        "src_tids": TID,
        "tid_list": TID,
        "trade_no_list": TRADE_NO,
        "trade_id": number("1"),
        "raw_refund_nos": RAW_REFUND_NO,
        "shop_no": shop["shop_no"],
        "shop_id": shop["shop_id"],
        "shop_platform_id": shop["platform"],
        "platform_id": str(shop["platform"]),
        "sub_platform_id": 0,
        "modified": bare("%(modified_value)s"),
        "modified_date": "%(modified)s",
        "created": bare("%(created_value)s"),
        "refund_time": "%(created)s",
    }


def _state(status: int, kind: int, dice: Random) -> dict[str, Any]:
    stockin = {10: 4, 20: 1, 30: 1, 40: 1, 81: 2}.get(status, 3) if kind in (2, EXCHANGE) else 0
    return {
        "type": kind,
        "status": status,
        "stockin_status": stockin,
        "process_status": dice.choice((0, 15, 25, 35)),
        "rr_status": dice.choice((0, 1, 2, 3, 4, 5)),
        "check_time": "%(check)s" if status >= 30 else "",
        "settle_time": "%(settle)s" if status >= 80 else "",
        "current_phase_timeout": "%(settle)s" if status >= 80 else "",
        "from_type": dice.choice((0, 1, 2, 3)),
        "bad_reason": dice.choice((0, 1, 4096)),
        "return_mask_info": dice.choice(("", "系统拦截,人工拦截")),
        "note_count": dice.randint(0, 3),
        "consign_mode": dice.choice((0, 1, 2)),
        "flag_name": dice.choice(("", "加急", "红旗🚩")),
    }


def _buyer(platform: int, dice: Random) -> dict[str, Any]:
    name = dice.choice(BUYERS) if platform == OWN_PLATFORM else ""
    return {
        "receiver_name": name,
        "receiver_telno": "013800000000" if name else "",
        "buyer_nick": name,
        "customer_name": name,
        "customer_id": number("2"),
        "pay_id": "00%(id)020d",
        "provider_refund_no": "",
        "fenxiao_tid": "",
        "fenxiao_nick_no": "",
    }


def _warehouse(kind: int, dice: Random) -> dict[str, Any]:
    goods_come = kind in (2, EXCHANGE)
    prefix, carrier = dice.choice(CARRIERS) if goods_come else ("", "")
    return {
        "return_logistics_no": f"{prefix}%(id)012d" if carrier else "",
        "return_logistics_name": carrier,
        "return_warehouse_no": "001" if goods_come else "",
        "return_warehouse_id": 1 if goods_come else 0,
        "warehouse_type": dice.choice((1, 2, 3, 4, 6, 125, 126)),
        "wms_code": dice.choice(("", "WMS-%(id)08d")),
    }


def _reasons(dice: Random) -> dict[str, Any]:
    reason = dice.randrange(len(REASONS))
    return {
        "remark": dice.choice(REMARKS),
        "reason_id": reason + 1,
        "reason_name": REASONS[reason],
        "revert_reason": 0,
        "revert_reason_name": "",
        "operator_name": dice.choice(("系统", "客服小王")),
    }


def _lines(index: int, platform: int, dice: Random) -> list[dict[str, Any]]:
    counts = {WITHOUT_LINES: 0, WITH_SIXTY_LINES: 60}
    count = counts.get(index, dice.choice((1, 1, 1, 2, 2, 3, 4)))
    prices = [Decimal(dice.randint(1, 99900)) / dice.choice((1, 10, 100)) for _ in range(count)]
    if index == WITH_HUGE_PRICE:
        prices[0] = HUGE_PRICE
    return [line(position, platform, price, dice) for position, price in enumerate(prices, 1)]


def _more_money(dice: Random) -> list[dict[str, Any]]:
    extra = dice.choice(([], [], [(2, False)], [(99, True)]))
    return [money_line(place, kind, back, dice) for place, (kind, back) in enumerate(extra, 2)]


def _sometimes(index: int, dice: Random) -> dict[str, Any]:
    """Optional fields, and those that no page describes."""
    order: dict[str, Any] = {}
    if dice.random() < 0.5:
        order |= {"fenxiao_nick_name": "分销商A", "refund_reason": dice.choice(REASONS)}
    if dice.random() < 0.5:
        order["wms_owner_no"] = "0001"
    if index % 3 == 1:
        order |= {"return_telno": "", "tmp_data": 0, "sync_return": index % 2 == 0, "return_mask": 0}
    if index % 5 == 1:
        order |= {
            "fenxiao_nick": "",
            "fenxiao_alias": "",
            "fenxiao_distributor_id": 0,
            "fenxiao_distributor_name": "",
            "order_type": 0,
        }
    return order

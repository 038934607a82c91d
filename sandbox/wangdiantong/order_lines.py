"""The lists inside an after-sales order: goods lines, money lines, and what an exchange sends instead."""

from __future__ import annotations

from decimal import Decimal
from random import Random
from typing import Any

from sandbox.wangdiantong.nasty_texts import GOODS, REMARKS, SPECS
from sandbox.wangdiantong.record_json import bare

# %(…)s stands for what an order gets when it is printed: see order_press.py.
TID = "29%(id)017d"  # beyond what a double can hold
TRADE_NO = "JY%(id)011d"
RAW_REFUND_NO = "00%(id)014d"
HUGE_PRICE = Decimal("123456789012345.6789")


def number(digits: str) -> str:
    """A number that begins with the order's own."""
    return bare(f"%(id)d{digits}")


def written(amount: Decimal, dice: Random) -> Decimal:
    """The same amount as 1, 1.5 or 1.0000: the vendor's decimals come with any number of digits."""
    shortest = Decimal(f"{amount.normalize():f}")
    return dice.choice([shortest, amount.quantize(Decimal("0.0001"))])


def line(position: int, platform_id: int, price: Decimal, dice: Random) -> dict[str, Any]:
    bought = dice.randint(1, 3)
    returned = dice.randint(1, bought)
    goods_no, goods_name = dice.choice(GOODS)
    spec = dice.choice(SPECS)
    guaranteed = dice.random() < 0.7

    def amount(value: Decimal) -> Decimal:
        return written(value, dice)

    total = price * returned
    return {
        **_line_numbers(position, platform_id),
        "num": amount(Decimal(bought)),
        "price": amount(price),
        "original_price": amount(price + 10),
        "checked_cost_price": amount(Decimal("0.1")),
        "refund_num": amount(Decimal(returned)),
        "total_amount": amount(total),
        "refund_amount": amount(total if guaranteed else Decimal(0)),
        "is_guarantee": guaranteed,
        "goods_no": goods_no,
        "goods_name": goods_name,
        "spec_name": spec,
        "spec_no": f"{goods_no}-{position:02d}",
        "spec_code": f"0{position:03d}",
        "barcode": f"0690{position:09d}",
        "stockin_num": amount(Decimal(0)),
        "remark": dice.choice(REMARKS),
        "api_spec_name": spec,
        "api_goods_name": goods_name,
        "suite_no": "",
        "suite_name": "",
        "discount": amount(Decimal(10)),
        "paid": amount(total),
        "suite_id": 0,
        "suite_num": amount(Decimal(0)),
        "gift_type": dice.choice((0, 0, 0, 1, 2, 4, 8, 32, 64, 128)),
    }


def _line_numbers(position: int, platform_id: int) -> dict[str, Any]:
    return {
        "rec_id": number(f"{position:02d}"),
        "refund_id": number(""),
        "oid": f"29%(id)015d{position:02d}",
        "trade_order_id": number(f"{position:02d}"),
        "platform_id": platform_id,
        "tid": TID,
        "trade_no": TRADE_NO,
        "goods_id": f"9007199254{740993 + position}",
        "spec_id": f"50000000000{position:08d}",
        "sys_goods_id": 1000 + position,
        "sys_spec_id": 2000 + position,
        "raw_refund_nos": RAW_REFUND_NO,
        "raw_refund_no": RAW_REFUND_NO,
        "sales_trade_id": number("1"),
        "modified": bare("%(modified_ms)d"),
        "modified_date": "%(modified)s",
        "created": "%(created)s",
    }


def money_line(position: int, refund_type: int, paid_back: bool, dice: Random) -> dict[str, Any]:
    """The amount of goods is filled in by totals.add_up; the buyer pays postage back, too."""
    zero = written(Decimal(0), dice)
    return {
        "rec_id": number(f"{position:02d}"),
        "refund_id": number(""),
        "refund_type": refund_type,
        "is_return": 0 if paid_back else 1,
        "refund_amount": written(Decimal("0.1"), dice) if paid_back else zero,
        "receive_amount": zero if paid_back else written(Decimal(12), dice),
        "is_guarantee": paid_back and dice.random() < 0.7,
        "account_id": 0,
        "pay_account": "",
        "account_name": "",
        "account_bank": "",
        "is_auto": True,
        "remark": dice.choice(REMARKS),
    }


def swap_order(shop: dict[str, Any], dice: Random) -> dict[str, Any]:
    return {
        "tid": f"{TID}S",
        "shop_no": shop["shop_no"],
        "shop_name": f"门店 {shop['shop_no']}",
        "warehouse_no": "WH01",
        "shop_id": shop["shop_id"],
        "warehouse_id": 1,
        "swap_province": 310000,
        "swap_city": 310100,
        "swap_area": "上海市 上海市 静安区",
        "swap_district": 310106,
        "swap_logistics_id": 7,
        "post_amount": written(Decimal(0), dice),
        "other_amount": written(Decimal("0.1"), dice),
        "swap_order_detail_list": [swap_line(position, dice) for position in range(dice.randint(1, 2))],
    }


def swap_line(position: int, dice: Random) -> dict[str, Any]:
    goods_no, goods_name = dice.choice(GOODS)
    price = Decimal(dice.randint(100, 99900)) / 100
    return {
        "oid": f"29%(id)014dS{position:02d}",
        "target_type": dice.choice((1, 2)),
        "target_id": 3000 + position,
        "defect": dice.random() < 0.1,
        "goods_name": goods_name,
        "goods_no": goods_no,
        "spec_name": dice.choice(SPECS),
        "spec_code": f"0{position:03d}",
        "merchant_no": f"{goods_no}-{position:02d}",
        "price": written(price, dice),
        "total_amount": written(price, dice),
        "num": written(Decimal(1), dice),
        "remark": dice.choice(REMARKS),
    }

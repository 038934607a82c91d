"""The orders of a trade and its promotions, in fen, so that everything adds up to the last fen."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Any

from sandbox.taobao_records.goods import GOODS, Good
from sandbox.taobao_records.record_model import number, present, yuan
from sandbox.taobao_records.record_texts import CARRIERS, PROMOTIONS

CLOSED = ("TRADE_CLOSED", "TRADE_CLOSED_BY_TAOBAO")
SENT = ("SELLER_CONSIGNED_PART", "WAIT_BUYER_CONFIRM_GOODS", "TRADE_BUYER_SIGNED", "TRADE_FINISHED")
ENDED = (*CLOSED, "TRADE_FINISHED")


@dataclass(frozen=True, slots=True)
class Drawn:
    """One order before it is written down."""

    mark: str  # of its number: a single order has that of its trade
    good: Good
    pieces: int
    own_discount: int
    shared_discount: int = 0

    @property
    def listed(self) -> int:
        return self.good.price * self.pieces


@dataclass(frozen=True, slots=True)
class Lines:
    orders: list[dict[str, Any]]
    promotions: list[dict[str, Any]]
    goods: int
    discount: int
    pieces: int


def trade_lines(status: str, refunded: str | None, dice: Random) -> Lines:
    """One to four orders; the first one may be refunded."""
    drawn = _drawn(dice)
    orders = [_order(line, status, None if place else refunded, dice) for place, line in enumerate(drawn)]
    promotions = [_promotion(line.mark, line.own_discount, dice) for line in drawn if line.own_discount]
    shared = sum(line.shared_discount for line in drawn)
    if shared:
        promotions.append(_promotion("tid", shared, dice))
    return Lines(
        orders,
        promotions,
        goods=sum(line.listed for line in drawn),
        discount=sum(line.own_discount for line in drawn) + shared,
        pieces=sum(line.pieces for line in drawn),
    )


def _drawn(dice: Random) -> list[Drawn]:
    count = dice.choices((1, 2, 3, 4), (45, 30, 15, 10))[0]
    marks = ["tid"] if count == 1 else [f"oid{place}" for place in range(1, count + 1)]
    lines = []
    for mark in marks:
        good, pieces = dice.choice(GOODS), dice.choice((1, 1, 1, 2, 12))
        lines.append(Drawn(mark, good, pieces, good.price * pieces // 10 if dice.random() < 0.5 else 0))
    enough = sum(line.listed for line in lines) > 20000
    shares = _spread(dice.choice((0, 0, 2000)) if enough else 0, [line.listed for line in lines])
    return [
        Drawn(line.mark, line.good, line.pieces, line.own_discount, share)
        for line, share in zip(lines, shares, strict=True)
    ]


def _order(line: Drawn, status: str, refunded: str | None, dice: Random) -> dict[str, Any]:
    size = dice.choice(line.good.sizes)
    picture = dice.randrange(10**10)
    return present(
        {
            **_prices(line),
            **_sending(status, dice),
            "buyer_rate": status == "TRADE_FINISHED" and dice.random() < 0.4,
            "cid": line.good.cid,
            "end_time": "%(modified)s" if status in ENDED else None,
            "is_daixiao": False,
            "is_oversold": False,
            "num_iid": 620000000000 + picture,
            "oid": number(line.mark),
            "oid_str": f"%({line.mark})d",
            "order_from": dice.choice(("WAP,WAP", "TAOBAO", "WAP,WAP,JHS")),
            "outer_iid": line.good.outer_id,
            "outer_sku_id": line.good.outer_sku(size),
            "pic_path": f"https://img.alicdn.com/bao/uploaded/i3/2206000000001/O1CN01{picture:x}_!!0-item_pic.jpg",
            "refund_id": "%(refund)d" if refunded else None,
            "refund_status": refunded or "NO_REFUND",
            "seller_rate": False,
            "seller_type": dice.choice("BC"),
            "sku_id": str(4_800_000_000_000 + picture),
            "sku_properties_name": line.good.properties(size),
            "snapshot_url": "s:%(tid)d_1",
            "status": status,
            "title": line.good.title,
        }
    )


def _prices(line: Drawn) -> dict[str, Any]:
    own = line.listed - line.own_discount
    return {
        "adjust_fee": "0.00",
        "discount_fee": yuan(line.own_discount),
        "divide_order_fee": yuan(own - line.shared_discount),
        "num": line.pieces,
        "part_mjz_discount": yuan(line.shared_discount) if line.shared_discount else None,
        "payment": yuan(own),
        "price": yuan(line.good.price),
        "total_fee": yuan(own),
    }


def _sending(status: str, dice: Random) -> dict[str, Any]:
    carrier, prefix = dice.choice(CARRIERS)
    store = dice.choice((None, "STORE_001"))
    if status not in SENT:
        return {"store_code": store}
    return {
        "consign_time": "%(sent)s",
        "invoice_no": f"{prefix}%(tail)012d",
        "logistics_company": carrier,
        "shipping_type": "express",
        "store_code": store,
    }


def _promotion(mark: str, less: int, dice: Random) -> dict[str, Any]:
    name = dice.choice(PROMOTIONS)
    return {
        "discount_fee": yuan(less),
        "id": number(mark),
        "promotion_desc": f"{name}:省{yuan(less)}元",
        "promotion_id": f"shopbonus-{dice.randrange(10**10)}_{dice.randrange(10**9)}",
        "promotion_name": name,
    }


def _spread(total: int, weights: list[int]) -> list[int]:
    """Shares in proportion; what rounding leaves over goes to the largest, which can bear it."""
    shares = [total * weight // sum(weights) for weight in weights]
    shares[weights.index(max(weights))] += total - sum(shares)
    return shares

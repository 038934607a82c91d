"""What one order is made of and what it costs, in fen, so that lines add up to the last fen."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from sandbox.shop.catalogue import Sku, pick

FREE_FREIGHT_FROM = 19900
FREIGHT = 1000


@dataclass(frozen=True, slots=True)
class Line:
    sku: Sku
    pieces: int
    payment: int  # of all pieces, after its share of every discount

    @property
    def list_amount(self) -> int:
        return self.sku.style.price * self.pieces


@dataclass(frozen=True, slots=True)
class Basket:
    lines: tuple[Line, ...]
    goods: int
    freight: int
    payable: int
    payment: int


def fill(draw: Random) -> Basket:
    picked = [(pick(draw), draw.choices((1, 2, 3, 12), (75, 17, 6, 2))[0]) for _ in range(_lines(draw))]
    prices = [sku.style.price * pieces for sku, pieces in picked]
    goods = sum(prices)
    freight = FREIGHT if goods < FREE_FREIGHT_FROM else 0
    shop_discount = goods // 10 if draw.random() < 0.3 else 0
    payment_discount = min(goods - shop_discount, draw.choice((0, 0, 0, 0, 99, 500)))
    shares = _spread(goods - shop_discount - payment_discount, prices)
    payable = goods + freight - shop_discount
    lines = (Line(sku, pieces, share) for (sku, pieces), share in zip(picked, shares, strict=True))
    return Basket(tuple(lines), goods, freight, payable, payable - payment_discount)


def _lines(draw: Random) -> int:
    return draw.choices((1, 2, 3, 4), (60, 25, 10, 5))[0]


def _spread(total: int, weights: list[int]) -> list[int]:
    """Shares in proportion; what rounding leaves over goes to the last."""
    shares = [total * weight // sum(weights) for weight in weights[:-1]]
    return [*shares, total - sum(shares)]

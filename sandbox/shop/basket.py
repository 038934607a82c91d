"""What the shop sells, what one order is made of and what it costs, in fen, so that lines add up to the last fen."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random


@dataclass(frozen=True, slots=True)
class Style:
    spu_id: str
    name: str
    price: int  # fen
    colours: tuple[str, ...]
    sizes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sku:
    style: Style
    sku_id: str
    colour: str
    size: str

    @property
    def name(self) -> str:
        return f"{self.style.name} {self.colour} {self.size}"


_LETTERS = ("S", "M", "L", "XL")
_STYLES = (
    Style("00A1001", "轻盈90%白鹅绒短款羽绒服", 89900, ("雾霾蓝", "黑色", "米白"), _LETTERS),
    Style("00A1002", "女士高领羊毛混纺针织衫", 35900, ("燕麦色", "酒红"), _LETTERS),
    Style(
        "00B2001", "男士修身直筒牛仔裤“经典501”", 39900, ("深蓝", "水洗灰"), ("29", "30", "31", "32", "33")
    ),
    Style("00B2002", "弹力休闲裤 / 九分", 25900, ("卡其", "藏青"), ("29", "30", "31", "32")),
    Style("00C3001", "真皮复古老爹鞋🔥", 69900, ("白/绿", "全黑"), ("36", "37", "38", "39", "40")),
    Style("00D4001", "纯棉印花T恤 'HELLO'", 9900, ("白色", "薄荷绿", "柠檬黄"), _LETTERS),
    Style("00D4002", "儿童连帽卫衣(加绒)", 15990, ("橙色", "天空蓝"), ("110", "120", "130", "140")),
    Style("00E5001", "羊绒围巾\\礼盒装", 49900, ("驼色", "格纹红"), ("均码",)),
    Style("00E5002", "精梳棉中筒袜 3双装", 2990, ("混色",), ("均码",)),
    Style("00F6001", "环保帆布购物袋", 1, ("原色",), ("均码",)),  # one fen: the smallest price there is
)


def pick(draw: Random) -> Sku:
    style = draw.choice(_STYLES)
    colour, size = draw.randrange(len(style.colours)), draw.randrange(len(style.sizes))
    return Sku(style, f"{style.spu_id}{colour:02d}{size:02d}", style.colours[colour], style.sizes[size])


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

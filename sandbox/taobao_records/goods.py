"""What is sold, with names that break careless code."""

from __future__ import annotations

from typing import NamedTuple


class Good(NamedTuple):
    title: str
    price: int  # fen
    cid: int
    outer_id: str
    colour: str
    sizes: tuple[str, ...]

    def outer_sku(self, size: str) -> str:
        return f"{self.outer_id}-{self.colour}-{size}"

    def properties(self, size: str) -> str:
        return f"颜色分类:{self.colour};尺码:{size}"


_LETTERS = ("S", "M", "L", "XL")
GOODS = (
    Good("轻盈90%白鹅绒短款羽绒服女2026冬季新款加厚保暖外套", 89900, 50008899, "00A1001", "雾霾蓝", _LETTERS),
    Good("男士修身直筒牛仔裤“经典501”弹力水洗休闲长裤", 39900, 3035, "00B2001", "深蓝", ("29", "30", "31")),
    Good("真皮复古老爹鞋🔥女款厚底增高百搭休闲运动鞋", 69900, 50012027, "00C3001", "白/绿", ("36", "37")),
    Good("纯棉印花T恤 'HELLO' 情侣装宽松短袖", 9900, 50000671, "00D4001", "薄荷绿", _LETTERS),
    Good("羊绒围巾\\礼盒装 冬季保暖披肩两用", 49900, 302910, "00E5001", "格纹红", ("均码",)),
    Good(
        "环保帆布购物袋（小号）试用装", 1, 50012010, "00F6001", "原色", ("均码",)
    ),  # the smallest price there is
    Good("婴儿连体衣👶🏽A类纯棉哈衣0-12个月", 12850, 50010537, "00123", "奶油黄", ("59", "66", "73")),
    Good("咖啡豆 1kg 意式拼配 <深度烘焙> & 现磨", 15990, 124458005, "SP/2026", "1kg", ("中度", "深度")),
)

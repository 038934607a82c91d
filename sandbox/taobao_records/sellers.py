"""The sellers whose records are pushed: four shops, one of them with awkward letters in its nick."""

from __future__ import annotations

from typing import NamedTuple


class Seller(NamedTuple):
    nick: str
    user_id: int
    seller_type: str  # B a Tmall shop, C a Taobao shop
    level: int
    title: str
    city: tuple[str, str]


SELLERS = (
    Seller("山与海旗舰店", 2206000000001, "B", 18, "山与海官方旗舰店", ("浙江", "杭州")),
    Seller("素白_家居", 2206000000002, "C", 12, "素白家居🌿小店", ("广东", "深圳")),
    Seller("O'Neill运动专营店", 2206000000003, "B", 15, "O'Neill 运动专营", ("福建", "泉州")),
    Seller("测试旗舰店:outlet", 2206000000004, "B", 9, "测试旗舰店 / 折扣", ("上海", "上海")),
)

"""Who orders. Obviously made up: no mobile number of the country begins with 100."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

_NAMES = ("王小明", "李娜", "欧阳静怡", "阿依古丽·买买提", "Zoë O'Neill", "𠮷田太郎", "张三", "陈")
_PLACES = (
    ("浙江省", "杭州市", "西湖区", "示例路 1 号"),
    ("广东省", "深圳市", "南山区", "测试大厦 A 座 0101 室"),
    ("上海市", "上海市", "黄浦区", "样本弄 12 号"),
    ("新疆维吾尔自治区", "乌鲁木齐市", "天山区", "演示街 88 号"),
)
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


@dataclass(frozen=True, slots=True)
class Buyer:
    open_id: str
    union_id: str
    phone: str
    name: str
    place: tuple[str, str, str, str]


def someone(draw: Random, name: str | None = None) -> Buyer:
    return Buyer(
        "o" + "".join(draw.choices(_ALPHABET, k=27)),
        "o" + "".join(draw.choices(_ALPHABET, k=27)),
        f"1000000{draw.randrange(10_000):04d}",
        name or draw.choice(_NAMES),
        draw.choice(_PLACES),
    )

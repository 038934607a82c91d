"""What items look like. The description is not pushed; a sku's number is a number here, a text in orders."""

from __future__ import annotations

from random import Random
from typing import Any

from sandbox.taobao_records.goods import GOODS, Good
from sandbox.taobao_records.kinds import ITEM, OLD_ITEM, WRAPPINGS
from sandbox.taobao_records.record_model import Model, number, present, yuan
from sandbox.taobao_records.sellers import SELLERS

_DELETED_ONE_IN = 30
_ALWAYS = {
    "created": "%(created)s",
    "delist_time": "%(timeout)s",
    "detail_url": "http://item.taobao.com/item.htm?id=%(id)d&spm=2014.21",
    "express_fee": "8.00",
    "features": ";fstock:1;origin_sku:1/2;",
    "freight_payer": "seller",
    "has_invoice": True,
    "is_timing": False,
    "is_virtual": False,
    "list_time": "%(created)s",
    "modified": "%(modified)s",
    "num_iid": number(),
    "post_fee": "8.00",
    "props": "20000:29534;122216347:740132938",
    "seller_cids": ",1200000001,1200000002,",
    "stuff_status": "new",
    "sub_stock": 2,
    "type": "fixed",
    "valid_thru": 7,
}


def item_model(seed: int, index: int) -> Model:
    dice = Random(f"{seed}/{ITEM}/{index}")
    seller = SELLERS[index % len(SELLERS)]
    good = dice.choice(GOODS)
    status = "instock" if index % 5 == 2 else "onsale"
    showcase, discount = dice.random() < 0.3, dice.random() < 0.5
    images = _images(dice)
    skus = _skus(good, dice)
    record = {
        **_ALWAYS,
        "approve_status": status,
        "cid": good.cid,
        "has_discount": discount,
        "has_showcase": showcase,
        "item_imgs": {"item_img": images},
        "location": {"city": seller.city[1], "state": seller.city[0]},
        "nick": seller.nick,
        "num": sum(sku["quantity"] for sku in skus),
        "outer_id": good.outer_id,
        "pic_url": images[0]["url"],
        "price": yuan(good.price),
        "skus": {"sku": skus} if index % 6 else None,
        "sold_quantity": dice.randrange(5000),
        "title": good.title,
    }
    columns = {
        "nick": seller.nick,
        "approve_status": status,
        "cid": str(good.cid),
        "has_showcase": str(showcase).lower(),
        "has_discount": str(discount).lower(),
        "jdp_delete": int(index % _DELETED_ONE_IN == 4),
    }
    return Model(present(record), columns, seller.nick, WRAPPINGS[ITEM] if index % 3 else OLD_ITEM)


def _skus(good: Good, dice: Random) -> list[dict[str, Any]]:
    first = 4_800_000_000_000 + dice.randrange(10**10)
    return [
        {
            "created": "%(created)s",
            "modified": "%(modified)s",
            "outer_id": good.outer_sku(size),
            "price": yuan(good.price),
            "properties": f"1627207:28341;20509:{28314 + place}",
            "properties_name": f"1627207:28341:颜色分类:{good.colour};20509:{28314 + place}:尺码:{size}",
            "quantity": dice.randrange(200),
            "sku_id": first + place,
        }
        for place, size in enumerate(good.sizes)
    ]


def _images(dice: Random) -> list[dict[str, Any]]:
    name = f"O1CN01{dice.randrange(10**10):x}"
    return [
        {"id": place, "position": place, "url": f"https://img.alicdn.com/i1/{name}_{place}.jpg"}
        for place in range(dice.choice((1, 4, 5)))
    ]

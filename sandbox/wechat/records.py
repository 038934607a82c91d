"""One day's visits per page, and their distribution, as literal text. Source: their pages, and live replies.

Written by hand and not by a JSON library, because the form of a number (8.0, 12.50, 7) is part of the data. The page
documents three indexes of the distribution; live replies (2020, 2021, 2022) hold a fourth, access_source_visit_uv,
second in order. Item lists are not padded: a key without visits is missing, and a list may be empty.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from random import Random

# Literal JSON strings: what a client must carry on unchanged, escapes included.
_NASTY = (
    r'"pages/search/result?q=羽绒服&page=01"',
    r'"pages/goods/detail?title=冬季“暖心”外套🧥&sku=000123"',
    r'"pages/activity/say\"hi\"\\back?x=\'y\'"'.replace(r"\'", "'"),
    r'"pages/live/room?id=9007199254740993"',
    r'"pages/topic/👩🏽‍🤝‍👩🏻好物"',
    r'"pages\/coupon\/list?from=\u65b0\u4eba\ud83c\udf81"',
    r'"pages/h5/index?url=https%3A%2F%2Fm.example.com%2F%E6%98%A5&t=1%2B1"',
    r'"pages/feed/tab\tname?empty=&=x"',
    r'"pages/brand/<b>O\u2028Neill</b>?a=1;b=2#top"',
)
_PLAIN = (
    "pages/index/index",
    "pages/category/index",
    "pages/cart/index",
    "pages/mine/index",
    "pages/order/list?status=0",
    "pages/order/confirm",
    "pages/pay/success",
    "pages/coupon/center",
    "pages/member/code",
    "pages/store/nearby",
    "pages/search/index",
    "pages/address/list",
    "pages/logistics/detail",
    "pages/refund/apply",
)
# Sizes around the limit of 200 and far below it, one for each day of a week.
_SIZES = (200, 137, 199, 200, 12, 1, 64)
_BIG_SIZE = 12
_BIG = 9_007_199_254_740_993  # 2^53 + 1: lost by anything that reads numbers as double
_STAYTIMES = ("8.0", "12.50", "7", "0.0", "33.333333333333336", "104.10", "5.25", "61")


@lru_cache(maxsize=256)
def visit_page(seed: int, appid: str, day: date) -> str:
    draw = Random(f"{seed}/{appid}/{day}/page")
    size = _SIZES[(day.toordinal() + seed + int(appid[-2:], 16)) % len(_SIZES)]
    visits = sorted((int(draw.paretovariate(0.9) * 12) for _ in range(size)), reverse=True)
    visits[0] += 5000  # the home page leads
    rows = [_row(path, pv, draw) for path, pv in zip(_paths(size, draw), visits, strict=True)]
    if size == _BIG_SIZE:
        rows[0] = rows[0].replace(f'"page_visit_pv":{visits[0]},', f'"page_visit_pv":{_BIG},')
    return f'{{"ref_date":"{day:%Y%m%d}","list":[{",".join(rows)}]}}'


def _paths(size: int, draw: Random) -> list[str]:
    """Home first, then the nasty ones, so that short days have them too; never the same page twice."""
    goods = (
        f'"pages/goods/detail?spuId={number:08d}&color=%E9%BB%91"'
        for number in draw.sample(range(10**5), 200)
    )
    home, *others = (f'"{path}"' for path in _PLAIN)
    return [home, *_NASTY, *others, *goods][:size]


def _row(path: str, visits: int, draw: Random) -> str:
    visitors = max(1, int(visits * draw.uniform(0.4, 0.95)))
    shares = int(visits * draw.uniform(0, 0.03))
    return (
        f'{{"page_path":{path},"page_visit_pv":{visits},"page_visit_uv":{visitors},'
        f'"page_staytime_pv":{draw.choice(_STAYTIMES)},"entrypage_pv":{visits // 5},'
        f'"exitpage_pv":{visits // 4},"page_share_pv":{shares},"page_share_uv":{shares // 2}}}'
    )


# 1-29 are documented entry scenes; 30, 36, 41, 43, 46 were seen live without a documented name.
_SOURCES = (*range(1, 30), 30, 36, 41, 43, 46)
_STAY_CLASSES = range(8, 0, -1)
_DEPTHS = range(7, 0, -1)


@lru_cache(maxsize=256)
def visit_distribution(seed: int, appid: str, day: date) -> str:
    draw = Random(f"{seed}/{appid}/{day}/distribution")
    sources = draw.sample(_SOURCES, draw.randint(3, len(_SOURCES)))  # live replies keep no order here
    entries = (
        _index("access_source_session_cnt", sources, draw, 4000),
        _index("access_source_visit_uv", sources, draw, 2500),
        _index("access_staytime_info", _STAY_CLASSES, draw, 3000),
        # one day of five has nobody counted by depth
        _index("access_depth_info", () if day.toordinal() % 5 == seed % 5 else _DEPTHS, draw, 3000),
    )
    return f'{{"ref_date":"{day:%Y%m%d}","list":[{",".join(entries)}]}}'


def _index(name: str, keys: Iterable[int], draw: Random, most: int) -> str:
    items = (f'{{"key":{key},"value":{draw.randint(1, most)}}}' for key in keys if draw.random() < 0.9)
    return f'{{"index":"{name}","item_list":[{",".join(items)}]}}'

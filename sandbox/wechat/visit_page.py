"""One day's visits per page, as literal text: at most 200 pages, most visited first. Source: getVisitPage.

Written by hand and not by a JSON library, because the form of a number (8.0, 12.50, 7) is part of the data.
"""

from __future__ import annotations

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

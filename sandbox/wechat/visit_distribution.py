"""One day's visit distribution, as literal text. Source: the page of getVisitDistribution and live replies.

The page documents three indexes; live replies (2020, 2021, 2022) hold a fourth, access_source_visit_uv, second
in order. Item lists are not padded: a key without visits is missing, and a list may be empty.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from random import Random

# 1-29 are documented entry scenes; 30, 36, 41, 43, 46 were seen live without a documented name.
_SOURCES = (*range(1, 30), 30, 36, 41, 43, 46)
_STAYTIMES = range(8, 0, -1)
_DEPTHS = range(7, 0, -1)


@lru_cache(maxsize=256)
def visit_distribution(seed: int, appid: str, day: date) -> str:
    draw = Random(f"{seed}/{appid}/{day}/distribution")
    sources = draw.sample(_SOURCES, draw.randint(3, len(_SOURCES)))  # live replies keep no order here
    entries = (
        _index("access_source_session_cnt", sources, draw, 4000),
        _index("access_source_visit_uv", sources, draw, 2500),
        _index("access_staytime_info", _STAYTIMES, draw, 3000),
        # one day of five has nobody counted by depth
        _index("access_depth_info", () if day.toordinal() % 5 == seed % 5 else _DEPTHS, draw, 3000),
    )
    return f'{{"ref_date":"{day:%Y%m%d}","list":[{",".join(entries)}]}}'


def _index(name: str, keys: Iterable[int], draw: Random, most: int) -> str:
    items = (f'{{"key":{key},"value":{draw.randint(1, most)}}}' for key in keys if draw.random() < 0.9)
    return f'{{"index":"{name}","item_list":[{",".join(items)}]}}'

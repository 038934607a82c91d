"""rawMsg of the two analysis reports: whole WeChat replies, element by element.

Source: the add_wxapp_page_visit page, the 2019 distribution page, and WeChat's own pages for the element shapes.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from sandbox import shape
from sandbox.strict_json import element_texts, member_text
from sandbox.youshu.open_choices import BATCH_LIMIT
from sandbox.youshu.reports import Report

_PAGE = {
    "page_path": shape.text,
    "page_visit_pv": shape.integer,
    "page_visit_uv": shape.integer,
    "page_staytime_pv": shape.number,
    "entrypage_pv": shape.integer,
    "exitpage_pv": shape.integer,
    "page_share_pv": shape.integer,
    "page_share_uv": shape.integer,
}
_ITEM = {"key": shape.integer, "value": shape.integer}
_INDEXES = (
    "access_source_session_cnt",
    "access_source_visit_uv",
    "access_staytime_info",
    "access_depth_info",
)


def page_reports(body: dict[str, Any], text: str) -> list[Report]:
    return _reports("visit_page", body, text, lambda page, where: shape.record(page, where, _PAGE))


def distribution_reports(body: dict[str, Any], text: str) -> list[Report]:
    return _reports("visit_distribution", body, text, _check_index)


def _reports(kind: str, body: dict[str, Any], text: str, check: Callable[[Any, str], object]) -> list[Report]:
    shape.record(body, "body", {"dataSourceId": shape.text, "rawMsg": shape.anything})
    replies = shape.array(body["rawMsg"], "rawMsg", at_least=1, at_most=BATCH_LIMIT)
    for number, reply in enumerate(replies):
        where = f"rawMsg[{number}]"
        shape.record(reply, where, {"ref_date": shape.compact_day, "list": shape.anything})
        for position, element in enumerate(shape.array(reply["list"], f"{where}.list")):
            check(element, f"{where}.list[{position}]")
    raws = element_texts(member_text(text, "rawMsg"))
    return [
        Report(kind, r["ref_date"], _day(r["ref_date"]), raw) for r, raw in zip(replies, raws, strict=True)
    ]


def _check_index(entry: Any, where: str) -> None:
    shape.record(entry, where, {"index": shape.text, "item_list": shape.anything})
    if entry["index"] not in _INDEXES:
        raise shape.BadShape(f"{where}.index must be one of {', '.join(_INDEXES)}")
    for position, item in enumerate(shape.array(entry["item_list"], f"{where}.item_list")):
        shape.record(item, f"{where}.item_list[{position}]", _ITEM)


def _day(ref_date: str) -> str:
    return date(int(ref_date[:4]), int(ref_date[4:6]), int(ref_date[6:])).isoformat()

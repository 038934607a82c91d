"""What an admitted call asks for, whichever gateway it came through."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sandbox.wangdiantong import open_choices
from sandbox.wangdiantong.accounts import Account
from sandbox.wangdiantong.envelope import UNPAGED, Refused


@dataclass(frozen=True, slots=True)
class Asked:
    account: Account
    parameters: dict[str, Any]
    page_size: int
    page: int  # from 0
    counted: bool = True


def check_page(fields: dict[str, Any], first: int) -> tuple[int, int]:
    """Size and number (from 0) of the page asked for, of fields that are whole numbers or missing."""
    if fields.get("page_size") is None or fields.get("page_no") is None:
        raise Refused(*UNPAGED)
    if fields["page_size"] < 1:
        raise Refused(2, "page_size")
    if fields["page_size"] > open_choices.PAGE_LIMIT:
        raise Refused(*open_choices.PAGE_TOO_LARGE)
    if fields["page_no"] < first:
        raise Refused(2, "page_no")
    return fields["page_size"], fields["page_no"] - first

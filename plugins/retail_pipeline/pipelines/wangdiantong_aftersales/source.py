"""Wangdiantong's refund search as a source of pages, and the tables that its orders go to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import ClassVar

from retail_pipeline.business_time import Window, local_time
from retail_pipeline.pipelines.wangdiantong_aftersales.rows import AftersalesRows
from retail_pipeline.pipelines.wangdiantong_aftersales.values import comparison
from retail_pipeline.tables.rules import Rule
from retail_pipeline.vendors.wangdiantong.client import VENDOR
from retail_pipeline.vendors.wangdiantong.quality import RULES
from retail_pipeline.vendors.wangdiantong.tables import AFTERSALES
from retail_pipeline.windows.value_comparison import ValueComparison


@dataclass(frozen=True)
class AftersalesSource:
    """The refund orders of one account."""

    account: str
    rules: Sequence[Rule] = RULES
    vendor: ClassVar = VENDOR
    family: ClassVar = AFTERSALES
    lookup: ClassVar = "refund_no"

    def between(self, window: Window) -> dict[str, str]:
        """Return the filters that find the orders that were modified in a window."""
        ends = {"modified_from": window.start, "modified_to": window.end}
        return {name: f"{local_time(moment):%Y-%m-%d %H:%M:%S}" for name, moment in ends.items()}

    def rows(self, zone: tzinfo) -> AftersalesRows:
        """Return what makes rows of the orders."""
        return AftersalesRows(self.account, self.rules, zone=zone)

    def comparison(self, zone: tzinfo) -> ValueComparison:
        """Return the comparison of the account's orders."""
        return comparison(self.account, self.rules, zone)

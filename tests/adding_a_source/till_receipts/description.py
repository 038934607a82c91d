"""The till's receipts: pages of JSON, a text as key, a token in a header."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from decimal import Decimal
from typing import Any, ClassVar, NamedTuple

import msgspec

from retail_pipeline.business_time import Window, local_time
from retail_pipeline.errors import RecordRejected
from retail_pipeline.orchestration.further_loads import PagesDescription
from retail_pipeline.orchestration.sessions import fields_of
from retail_pipeline.tables.column_values import columns_of
from retail_pipeline.tables.description import Table, TableFamily, json_text, moment, money, text, text_key
from retail_pipeline.vendors.transport import Transport
from retail_pipeline.windows.field_comparison import FieldComparison, Told
from retail_pipeline.windows.paged_source import ReadyPage, Search
from retail_pipeline.windows.quarantine import Rejected
from retail_pipeline.windows.source_values import figures_of
from retail_pipeline.windows.value_comparison import ValueComparison

# Fields of a receipt that have no column are kept in `extra`.
RECEIPT = Table("till_receipt", "收银小票", ("account", "receipt_no"), (
    text("account", 63, required=True), text_key("receipt_no", 40, "小票号"),
    moment("changed_at", "修改时间", required=True), money("amount", "金额"), text("shop", 40, "门店"),
    json_text("extra"),
), indexes=("changed_at",))  # fmt: skip
FAMILY = TableFamily(RECEIPT, versions=("changed_at",), lookup="receipt_no")
OURS = frozenset({"account", "extra"})
_VALUES = [name for name in RECEIPT.names if name not in (*OURS, *RECEIPT.key)]
# A number with decimals keeps its digits.
_VALUE = msgspec.json.Decoder(dict[str, Any], float_hook=str)
_LITERAL = msgspec.json.Decoder(dict[str, msgspec.Raw])


class Page(NamedTuple):
    total: int
    records: list[bytes]


class Reply(msgspec.Struct):
    total: int
    receipts: list[msgspec.Raw]


def search(conn_id: str) -> Search:
    """Return what asks the till; the connection has its host, and as password the token."""
    fields = fields_of(conn_id)
    transport = Transport("till", f"http://{fields.host}:{fields.port}")
    transport.session.headers["X-Token"] = fields.password or ""

    def ask(filters: Mapping[str, str], *, page: int, page_size: int) -> Page:
        asked = {**filters, "page": str(page), "size": str(page_size)}
        reply = transport.call_bytes("GET", "/receipts", params=asked, method="receipts")
        found = msgspec.json.decode(reply, type=Reply)
        return Page(found.total, list(map(bytes, found.receipts)))

    return ask


@dataclass
class ReceiptRows:
    """Makes rows; a receipt that does not fit its columns is set aside."""

    account: str
    zone: tzinfo
    rule_counts: Counter[str] = field(default_factory=Counter)

    def ready(self, records: Sequence[bytes]) -> ReadyPage:
        """Return a page's rows."""
        usable, rejected = [], []
        for raw in records:
            row: dict[str, Any] = {}
            try:
                row |= self._row(raw)
                columns_of(RECEIPT, [row])
            except RecordRejected as why:
                self.rule_counts[why.reason] += 1
                rejected.append(Rejected.of(raw, row.get("receipt_no"), why))
            else:
                usable.append((row, raw))
        rows = [row for row, _ in usable]
        raws = [(row["receipt_no"], raw) for row, raw in usable]
        said = {name: [row.get(name) for row in rows] for name in _VALUES}
        figures = {RECEIPT.name: figures_of(RECEIPT, len(rows), said, self.zone)}
        return ReadyPage(FAMILY, {RECEIPT.name: columns_of(RECEIPT, rows)}, rejected, raws, figures)

    def _row(self, raw: bytes) -> dict[str, Any]:
        try:
            row, literal = _VALUE.decode(raw), _LITERAL.decode(raw)
        except ValueError:
            raise RecordRejected("not_json", "the receipt is no JSON object") from None
        others = {name: value for name, value in literal.items() if name not in RECEIPT.names}
        extra = msgspec.json.encode(others).decode() if others else None
        return {**row, "account": self.account, "extra": extra}


@dataclass(frozen=True)
class Receipts:
    """The receipts of one account."""

    account: str
    vendor: ClassVar = "till"
    family: ClassVar = FAMILY
    lookup: ClassVar = ""

    def between(self, window: Window) -> dict[str, str]:
        """Return the filters of a window."""
        start, end = map(local_time, window)
        return {"changed_from": f"{start:%Y-%m-%d %H:%M:%S}", "changed_to": f"{end:%Y-%m-%d %H:%M:%S}"}

    def rows(self, zone: tzinfo) -> ReceiptRows:
        """Return what makes rows."""
        return ReceiptRows(self.account, zone)

    def comparison(self, zone: tzinfo) -> ValueComparison:
        """Return the comparison: each receipt is read once more, by code that makes no rows."""
        fields = FieldComparison(FAMILY, OURS, zone)
        return ValueComparison(
            fields,
            lambda kept: Told({RECEIPT.name: [json.loads(kept.raw, parse_float=Decimal)]}),
            (self.account,),
        )


LOAD = PagesDescription("till_receipts", Receipts, search, calls_per_minute=600)

"""Pages of refund orders → columns ready for the stage, and what had to be set aside."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Any

from retail_pipeline.business_time import SHANGHAI
from retail_pipeline.column_values import Values, columns_of
from retail_pipeline.errors import RecordRejected
from retail_pipeline.fingerprint import fingerprint
from retail_pipeline.quality.rules import Rule, apply
from retail_pipeline.quarantine import Rejected
from retail_pipeline.sinks.value_figures import Figures
from retail_pipeline.transfers.aftersales_values import figures
from retail_pipeline.wangdiantong.quality import RULES
from retail_pipeline.wangdiantong.rows import ORDER, Rows, decode, take_apart
from retail_pipeline.wangdiantong.tables import HEAD, KNOWN_FIELDS, TABLES

_REFUND_ID, _MODIFIED = HEAD.names.index("refund_id"), HEAD.names.index("modified")


@dataclass(frozen=True)
class Ready:
    """One page that can be staged.

    :param columns: by part of an order, the values of its table's columns
    :param prints: by refund_id, the fingerprint of key and version, as the target's own proof works it out
    :param raws: the records as they came, with their refund_id
    :param figures: what these records say
    """

    columns: dict[str, list[Values]]
    prints: dict[int, int]
    rejected: list[Rejected]
    raws: list[tuple[int, bytes]]
    figures: Figures


@dataclass
class AftersalesRows:
    """Makes one account's rows; counts the rules that were broken.

    :param zone: what the target takes a time without a zone for
    """

    account: str
    rules: Sequence[Rule] = RULES
    rule_counts: Counter[str] = field(default_factory=Counter)
    zone: tzinfo = SHANGHAI

    def ready(self, records: Sequence[bytes]) -> Ready:
        """Return a page's rows; a record that cannot be used holds up no other."""
        orders: list[tuple[bytes, Rows]] = []
        rejected: list[Rejected] = []
        for raw in records:
            record: dict[str, Any] = {}
            try:
                record.update(decode(raw))
                flags = apply(self.rules, record, self.rule_counts)
                rows = take_apart(raw, record, self.account, KNOWN_FIELDS)
                rows[ORDER][0]["quality_flags"] = flags
                orders.append((raw, rows))
            except RecordRejected as rejection:
                rejected.append(self._rejected(raw, record.get("refund_id"), rejection))
        try:
            columns = _columns([rows for _, rows in orders])
        except RecordRejected:
            orders = self._usable(orders, rejected)
            columns = _columns([rows for _, rows in orders])
        keys = map(int, columns[ORDER][_REFUND_ID])
        raws = list(zip(keys, (raw for raw, _ in orders), strict=True))
        said = figures([rows for _, rows in orders], self.zone)
        return Ready(columns, self._prints(columns[ORDER]), rejected, raws, said)

    def _usable(
        self, orders: Sequence[tuple[bytes, Rows]], rejected: list[Rejected]
    ) -> list[tuple[bytes, Rows]]:
        """Find out which record a column refuses: the same look, at one record at a time."""
        usable = []
        for raw, rows in orders:
            try:
                _columns([rows])
            except RecordRejected as rejection:
                rejected.append(self._rejected(raw, rows[ORDER][0]["refund_id"], rejection))
            else:
                usable.append((raw, rows))
        return usable

    def _rejected(self, raw: bytes, key: Any, rejection: RecordRejected) -> Rejected:
        self.rule_counts[rejection.reason] += 1
        return Rejected.of(raw, key, rejection)

    def _prints(self, head: Sequence[Values]) -> dict[int, int]:
        return {
            int(refund_id): fingerprint(self.account, refund_id, _micros(modified))
            for refund_id, modified in zip(head[_REFUND_ID], head[_MODIFIED], strict=True)
        }


def _micros(moment: str) -> str:
    return moment if "." in moment else f"{moment}.000000"


def _columns(orders: Sequence[Rows]) -> dict[str, list[Values]]:
    return {
        part: columns_of(table, [row for rows in orders for row in rows[part]])
        for part, table in TABLES.items()
    }

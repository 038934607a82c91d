"""Pages of refund orders → columns ready for the stage, and records for the quarantine."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Any, NamedTuple, TypeAlias

from retail_pipeline.business_time import SHANGHAI
from retail_pipeline.errors import RecordRejected
from retail_pipeline.pipelines.wangdiantong_aftersales.values import figures
from retail_pipeline.tables.column_values import Values, columns_of, misfits
from retail_pipeline.tables.rules import Rule, apply
from retail_pipeline.vendors.wangdiantong.quality import RULES
from retail_pipeline.vendors.wangdiantong.rows import ORDER, Rows, decode, keep_unfit, key_in, take_apart
from retail_pipeline.vendors.wangdiantong.tables import AFTERSALES, HEAD, KNOWN_FIELDS, TABLES
from retail_pipeline.windows.paged_source import ReadyPage
from retail_pipeline.windows.quarantine import Rejected

# The flag of an order with a value, its own or a line's, that its column could not hold.
VALUE_UNFIT = "value_unfit"
TOO_DEEP = RecordRejected("nested_too_deep", "a field is deeper than anybody can look")
_REFUND_ID = HEAD.names.index("refund_id")


class Order(NamedTuple):
    """A record, and its rows by part."""

    raw: bytes
    rows: Rows


# Fields that their columns cannot hold, by part and place of the row.
Unfit: TypeAlias = dict[tuple[str, int], list[str]]


@dataclass
class Misfit:
    """The values of one order that its columns refuse.

    :ivar needed: the reasons for values that a row must have
    """

    needed: list[RecordRejected] = field(default_factory=list)
    unfit: Unfit = field(default_factory=dict)


@dataclass
class AftersalesRows:
    """Makes one account's rows; counts the rules that were broken.

    :param zone: the zone in which the target reads a time without one
    """

    account: str
    rules: Sequence[Rule] = RULES
    rule_counts: Counter[str] = field(default_factory=Counter)
    zone: tzinfo = SHANGHAI

    def ready(self, records: Sequence[bytes]) -> ReadyPage:
        """Return a page's rows; a record that cannot be used does not stop the others.

        A value that its column cannot hold goes to ``extra``, if the row can exist without it.
        """
        rejected: list[Rejected] = []
        orders = [order for raw in records if (order := self._order(raw, rejected))]
        try:
            columns = _columns(orders)
        except RecordRejected:
            orders = self._usable(orders, rejected)
            columns = _columns(orders)
        keys = columns[HEAD.name][_REFUND_ID]
        raws = list(zip(keys, (order.raw for order in orders), strict=True))
        return ReadyPage(AFTERSALES, columns, rejected, raws, figures(orders, self.rules, self.zone))

    def _order(self, raw: bytes, rejected: list[Rejected]) -> Order | None:
        record: dict[str, Any] = {}
        try:
            record.update(decode(raw))
            flags = apply(self.rules, record, self.rule_counts)
            rows = take_apart(raw, record, self.account, KNOWN_FIELDS)
            rows[ORDER][0]["quality_flags"] = flags
        except (RecordRejected, RecursionError) as fault:
            rejection = fault if isinstance(fault, RecordRejected) else TOO_DEEP
            rejected.append(self._rejected(raw, record.get("refund_id", key_in(raw)), rejection))
            return None
        return Order(raw, rows)

    def _usable(self, orders: Sequence[Order], rejected: list[Rejected]) -> list[Order]:
        """Find the values that columns refuse: they go to ``extra``, or the record goes to the quarantine."""
        usable = []
        for order, misfit in zip(orders, _misfits(orders), strict=True):
            try:
                for why in misfit.needed:
                    raise why
                if misfit.unfit:
                    self._keep(order, misfit.unfit)
            except RecordRejected as rejection:
                rejected.append(self._rejected(order.raw, order.rows[ORDER][0]["refund_id"], rejection))
            else:
                usable.append(order)
        return usable

    def _keep(self, order: Order, unfit: Unfit) -> None:
        keep_unfit(order.raw, order.rows, KNOWN_FIELDS, unfit)
        self.rule_counts.update(f"{name}_unfit" for fields in unfit.values() for name in fields)
        head = order.rows[ORDER][0]
        head["quality_flags"] = ",".join(filter(None, (head["quality_flags"], VALUE_UNFIT)))

    def _rejected(self, raw: bytes, key: Any, rejection: RecordRejected) -> Rejected:
        self.rule_counts[rejection.reason] += 1
        return Rejected.of(raw, key, rejection)


def _columns(orders: Sequence[Order]) -> dict[str, list[Values]]:
    return {
        table.name: columns_of(table, [row for order in orders for row in order.rows[part]])
        for part, table in TABLES.items()
    }


def _misfits(orders: Sequence[Order]) -> list[Misfit]:
    """Return for each order the values that its columns refuse."""
    found = [Misfit() for _ in orders]
    for part, table in TABLES.items():
        places = [(at, line) for at, order in enumerate(orders) for line in range(len(order.rows[part]))]
        rows = [orders[at].rows[part][line] for at, line in places]
        needed = AFTERSALES.needed(table)
        for column in table.columns:
            for place, why in misfits(column, [row.get(column.name) for row in rows]).items():
                at, line = places[place]
                if column.name in needed:
                    found[at].needed.append(why)
                else:
                    found[at].unfit.setdefault((part, line), []).append(column.name)
    return found

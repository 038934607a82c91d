"""The values of refund orders, for the certificate: figures of many, and all fields of a single one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo

from retail_pipeline.tables.column_values import UNFIT
from retail_pipeline.tables.rules import Action, Rule
from retail_pipeline.tables.value_figures import Figures
from retail_pipeline.vendors.wangdiantong.order_fields import Record, fields_in
from retail_pipeline.vendors.wangdiantong.rows import Rows
from retail_pipeline.vendors.wangdiantong.tables import AFTERSALES, OURS, TABLES
from retail_pipeline.windows.field_comparison import FieldComparison, Told
from retail_pipeline.windows.source_side import Kept
from retail_pipeline.windows.source_values import figures_of
from retail_pipeline.windows.value_comparison import ValueComparison

# By part of an order, the columns that its fields fill, without the keys, by which rows are found.
_COLUMNS = {
    part: [name for name in table.names if name not in OURS and name not in AFTERSALES.head.key]
    for part, table in TABLES.items()
}


def figures(orders: Sequence[tuple[bytes, Rows]], rules: Sequence[Rule], zone: tzinfo) -> Figures:
    """Return the figures of orders: each is decoded here once more.

    :param orders: as they came, with their rows, which show the fields in ``extra``
    :param rules: some of them insert a default where an order has no value
    """
    decoded = [_defaulted(fields_in(raw, literal=True), rules) for raw, _ in orders]
    found = {}
    for part, table in TABLES.items():
        records = [record for fields in decoded for record in fields[table.name]]
        made = (row for _, rows in orders for row in rows[part])
        for record, row in zip(records, made, strict=False):  # a missing row shows in the number of rows
            for name in row.get(UNFIT, ()):
                record[name] = None
        occur: set[str] = set().union(*records)
        names = [name for name in _COLUMNS[part] if name in occur]
        columns = list(zip(*(map(record.get, names) for record in records), strict=True))
        said = dict(zip(names, columns, strict=True)) if columns else {}
        found[table.name] = figures_of(table, len(records), said, zone)
    return found


def comparison(account: str, rules: Sequence[Rule], zone: tzinfo) -> ValueComparison:
    """Return the comparison of a window of an account's orders.

    :param rules: some of them insert a default where an order has no value
    """

    def told(kept: Kept) -> Told:
        return Told(_defaulted(fields_in(kept.raw), rules))

    return ValueComparison(FieldComparison(AFTERSALES, OURS, zone), told, (account,))


def _defaulted(fields: dict[str, list[Record]], rules: Sequence[Rule]) -> dict[str, list[Record]]:
    for order in fields[AFTERSALES.head.name]:
        order.update({
            rule.column: rule.default
            for rule in rules
            if rule.action is Action.DEFAULT and rule.broken(order.get(rule.column), order)
        })  # fmt: skip
    return fields

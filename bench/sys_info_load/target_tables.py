"""The tables that are loaded into. Standard library only: peers that have no tables of their own use these."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bench.sys_info_load.job import ORDER, PARTS, PROMOTION, TRADE
from bench.sys_info_load.occurring_fields import Fields

_ADDED = {
    TRADE: {"tid": "bigint", "jdp_modified": "timestamp", "jdp_hashcode": "text"},
    ORDER: {"tid": "bigint", "oid": "bigint"},
    PROMOTION: {"tid": "bigint", "place": "integer"},
}
_KEYS = {TRADE: ("tid",), ORDER: ("tid", "oid"), PROMOTION: ("tid", "place")}
_NAMES = {TRADE: "trade", ORDER: "trade_order", PROMOTION: "trade_promotion"}


@dataclass(frozen=True)
class TargetTable:
    """:param columns: SQL type by name, the key first"""

    name: str
    key: tuple[str, ...]
    columns: Mapping[str, str]

    @property
    def names(self) -> str:
        return ", ".join(f'"{name}"' for name in self.columns)

    @property
    def ddl(self) -> str:
        columns = ", ".join(f'"{name}" {kind}' for name, kind in self.columns.items())
        return f"CREATE TABLE {self.name} ({columns}, PRIMARY KEY ({', '.join(self.key)}))"

    def upsert(self, source: str) -> str:
        """:param source: where the rows come from, ``VALUES …`` or ``SELECT …``"""
        changes = ", ".join(f'"{name}" = excluded."{name}"' for name in self.columns if name not in self.key)
        key = ", ".join(self.key)
        return f"INSERT INTO {self.name} ({self.names}) {source} ON CONFLICT ({key}) DO UPDATE SET {changes}"


def target_tables(fields: Fields) -> dict[str, TargetTable]:
    """Return the tables by part: the columns that occur, as long as the product does not describe its own."""
    return {part: TargetTable(_NAMES[part], _KEYS[part], {**_ADDED[part], **fields[part]}) for part in PARTS}


def table_names() -> dict[str, str]:
    return dict(_NAMES)

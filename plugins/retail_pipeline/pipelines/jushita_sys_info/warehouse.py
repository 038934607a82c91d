"""The warehouse's rows of a table of sys_info."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from retail_pipeline.business_time import Window, local_time
from retail_pipeline.databases.statements import statement
from retail_pipeline.databases.target_session import change, dialect, query_text
from retail_pipeline.tables.fingerprint import sum_of
from retail_pipeline.vendors.taobao.content_sql import content_statement
from retail_pipeline.vendors.taobao.sys_info import Listed, Tally
from retail_pipeline.vendors.taobao.tables import FeedTable

if TYPE_CHECKING:
    from retail_pipeline.databases.target_session import Session


@dataclass(frozen=True)
class WarehouseTable:
    """The heads of one pushed table.

    :param instance: windows cover rows that came from it; a key is looked up wherever its row came from
    """

    session: Session
    table: FeedTable
    instance: str

    def version_tally(self, window: Window) -> Tally:
        """Return the result that ``SysInfoTable.version_tally`` would have for exactly these rows."""
        [row] = self._rows("digest", self._within(window))
        return Tally(int(row["total"]), sum_of([int(row["checksum"])]))

    def listing(self, window: Window) -> Iterator[list[Listed]]:
        """Yield key and version of each row of a window, all at once."""
        yield [Listed(**row) for row in self._rows("listing", self._within(window))]

    def versions(self, keys: Collection[int]) -> dict[int, Listed]:
        """Return key and version of the given keys that exist."""
        rows = self._rows("versions", {"keys": list(keys)}) if keys else []
        return {row["key"]: Listed(**row) for row in rows}

    def of_others(self, keys: Collection[int]) -> set[int]:
        """Return the given keys that exist and came from another instance."""
        values = {"keys": list(keys), "instance": self.instance}
        return {row["key"] for row in self._rows("of_others", values)} if keys else set()

    def has_loaded_since(self, moment: datetime) -> bool:
        """Tell whether the warehouse has rows of the instance that were changed since then."""
        values = {"instance": self.instance, "since": local_time(moment)}
        return bool(self._rows("loaded_since", values))

    def altered_keys(self, window: Window) -> list[tuple[int, bool]]:
        """Return the keys of heads whose content, lines included, is not what was loaded.

        With each, whether that is unknown: an earlier version of the product loaded it, without a digest.
        """
        sql = content_statement(self.table.name, dialect(self.session))
        found = query_text(self.session, sql, self._within(window))
        return [(row["key"], bool(row["unknown"])) for row in found]

    def origins(self, keys: Collection[int]) -> dict[int, int]:
        """Return the certificate of each given key that exists."""
        rows = self._rows("origins", {"keys": list(keys)}) if keys else []
        return {row["key"]: row["origin"] for row in rows}

    def give_way(self, origins: Mapping[int, int]) -> int:
        """Let this transaction replace rows whatever their version; return how many.

        :param origins: as ``origins`` returned them; a row that was written since then keeps its version
        """
        if not origins:
            return 0
        pairs = {
            "keys": list(origins), "origins": list(origins.values()), "seen": list(origins.items()),
            "instance": self.instance,
        }  # fmt: skip
        return change(self.session, self._text("give_way"), pairs)

    def _within(self, window: Window) -> dict[str, Any]:
        return {
            "instance": self.instance,
            "start": local_time(window.start),
            "end": local_time(window.end),
        }

    def _rows(self, name: str, values: Mapping[str, Any]) -> list[dict[str, Any]]:
        return query_text(self.session, self._text(name), values)

    def _text(self, name: str) -> str:
        head = self.table.head
        sql = statement(f"sys_info_warehouse/{name}", dialect(self.session))
        return sql.format(head=head.name, key=head.key[0])

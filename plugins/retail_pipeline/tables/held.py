"""Keeps a copy of the staged rows, so that they can be published in parts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from retail_pipeline.databases.statements import statement
from retail_pipeline.databases.target_session import change, query_text
from retail_pipeline.tables.batches import Key
from retail_pipeline.tables.description import Table, TableFamily
from retail_pipeline.tables.table_statements import TableStatements, names, stage, value

if TYPE_CHECKING:
    from retail_pipeline.databases.target_session import Session


@dataclass(frozen=True)
class Held:
    """Copies of a session's stage for one family of tables; once created, they can be used within a transaction."""

    session: Session
    statements: TableStatements
    family: TableFamily

    @classmethod
    def created(cls, session: Session, statements: TableStatements, family: TableFamily) -> Held:
        """Create them; not within a transaction: MySQL before 8.0.13 refuses that if it enforces GTIDs (1787)."""
        for table in family:
            change(session, statements.create_stage(table, _held(table)))
        return cls(session, statements, family)

    def hold(self) -> list[Key]:
        """Keep what is staged; return the keys of its heads, in the database's own order."""
        for table in self.family:
            change(self.session, self._filled("unload", stage=_held(table)))
            change(self.session, self._filled("hold", held=_held(table), stage=stage(table)))
        key = names(self.family.head.key)
        found = query_text(self.session, self._filled("held_keys", held=_held(self.family.head), key=key))
        return [tuple(row.values()) for row in found]

    def restage(self, keys: Sequence[Key]) -> None:
        """Fill the stage with some of the heads that are kept here, with their children, and nothing else.

        :param keys: keys that follow each other in the order of all keys
        """
        for table in self.family:
            change(self.session, self._filled("unload", stage=stage(table)))
            if keys:
                change(self.session, self._restage(table), self._ends(keys[0], keys[-1]))

    def _restage(self, table: Table) -> str:
        key = self.family.head.key
        ends = {end: value([f"%({end}_{name})s" for name in key]) for end in ("first", "last")}
        return self._filled("restage", stage=stage(table), held=_held(table), key=value(key), **ends)

    def _ends(self, first: Key, last: Key) -> dict[str, Any]:
        return {
            f"{end}_{name}": part
            for end, key in (("first", first), ("last", last))
            for name, part in zip(self.family.head.key, key, strict=True)
        }

    def _filled(self, template: str, **given: str) -> str:
        return statement(f"sinks/{template}", self.statements.dialect).format(**given)


def _held(table: Table) -> str:
    return f"held_{table.name}"

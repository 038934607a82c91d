"""The queries that a certificate needs from a target, made from the templates of ``sinks.sql`` in ``include/sql``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from retail_pipeline.databases.statements import statement
from retail_pipeline.tables.description import Column, Kind, Table, TableFamily
from retail_pipeline.tables.table_statements import WINDOW_ID, TableStatements, names
from retail_pipeline.tables.value_figures import GROUPS

_FIGURES: Mapping[Kind, str] = {**GROUPS, Kind.FLAG: "flags"}
_BACK = {Kind.MOMENT: "back_times", Kind.JSON: "back_documents"}


@dataclass(frozen=True)
class ComparingStatements:
    """Queries about one family of tables.

    :param given: the heads they are about, as a part of a statement that is named ``s``
    """

    statements: TableStatements
    family: TableFamily
    given: str

    def figures(self, table: Table, columns: Sequence[Column], *, all_ours: bool) -> str:
        """Return the query for what a table holds of heads that were published, or of their lines.

        :param all_ours: none of the heads was refused
        """
        is_head = table is self.family.head
        figures = (
            self._filled(f"figure_{_FIGURES[column.kind]}", name=column.name, at=str(at))
            for at, column in enumerate(columns)
        )
        of_heads = self._filled("of_heads", head=self.family.head.name, of_staged=self._of_staged("x"),
                                of_head=self._of_staged("h"))  # fmt: skip
        return self._filled(
            "figures",
            table=table.name,
            given=self.given,
            figures="".join(f",\n    {figure}" for figure in figures),
            columns=names([column.name for column in columns], "x"),
            of_heads="" if is_head or all_ours else f"{of_heads} ",
            of_staged=self._of_staged("x"),
            of_window=f" AND x.{WINDOW_ID} = %(window_id)s" if is_head else "",
        )

    def not_ours(self) -> str:
        """Return the query for the heads that are not there under a certificate."""
        head = self.family.head
        return self._filled(
            "not_ours",
            head=head.name,
            given=self.given,
            staged_key=names(head.key, "s"),
            of_staged=self._of_staged("x"),
        )

    def rows(self, table: Table, columns: Sequence[Column]) -> str:
        """Return the query for the rows of some heads as they are."""
        *prefix, last = self.family.head.key
        wanted = {column.name for column in columns}
        rest = [column.name for column in table.columns if column.name not in wanted]
        return self._filled(
            "read_back",
            table=table.name,
            columns=", ".join(map(self._as_it_is, columns)),
            others=" + ".join(self._filled("is_there", name=name) for name in rest) or "0",
            of_key="".join(f"x.{name} = %({name})s AND " for name in prefix),
            last=last,
            type=self.statements.types[_kind(table, last)].partition("(")[0],
        )

    def _as_it_is(self, column: Column) -> str:
        form = _BACK.get(column.kind)
        return self._filled(form, name=column.name) if form else f"x.{column.name}"

    def _of_staged(self, alias: str) -> str:
        return " AND ".join(f"{alias}.{name} = s.{name}" for name in self.family.head.key)

    def _filled(self, template: str, **given: str) -> str:
        return statement(f"sinks/{template}", self.statements.dialect).format(**given)


def _kind(table: Table, name: str) -> Kind:
    [column] = (column for column in table.columns if column.name == name)
    return column.kind

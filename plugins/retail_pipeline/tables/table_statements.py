"""Statements for described tables, made from the templates of ``sinks.sql`` in ``include/sql``, in one dialect.

Every name in them comes from a description in this project, never from data.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from retail_pipeline.databases.statements import Dialect, statement
from retail_pipeline.tables.description import Column, Kind, Table, TableFamily

# The column that names a row's certificate in etl_window: it says when and from which window the row came.
WINDOW_ID = "etl_window_id"
_WINDOW_ID = Column(WINDOW_ID, Kind.BIGINT, "装载该行的窗口凭证 (etl_window.id)")


@dataclass(frozen=True)
class TableStatements:
    """The statements of one dialect.

    :param types: the type for each kind of column
    :param checks: constraints of columns, beside their types; named after table and column, so that errors name both
    :param row_hash: the expression for what ``fingerprint`` works out from key and version
    :param soon: the expression for a moment, by the server's clock, that no reading can be later than; the same
        within one statement, which may have waited for another session's rows meanwhile
    """

    dialect: Dialect
    types: Mapping[Kind, str]
    row_hash: str
    soon: str
    exact: str = ""
    checks: Mapping[Kind, str] = field(default_factory=dict)

    def create_table(self, table: Table, *, is_head: bool) -> str:
        """Return the DDL of a table that keeps rows."""
        columns = [*table.columns, *([_WINDOW_ID] if is_head else [])]
        return self._filled(
            "create_table",
            table=table.name,
            definitions=",\n    ".join(self._definition(table.name, column) for column in columns),
            key=names(table.key),
            indexes="".join(self._filled("index", table=table.name, name=name) for name in table.indexes),
            comment=table.comment,
        )

    def complete(self, table: Table, present: Mapping[str, str], *, is_head: bool) -> list[str]:
        """Return the DDL for columns that are not present, by name and type, or are of MySQL's own type JSON."""
        columns = [*table.columns, *([_WINDOW_ID] if is_head else [])]
        verbs = {column.name: "add_column" for column in columns if column.name not in present}
        if self.dialect == "mysql":  # this type keeps numbers as doubles, and fields in an order of its own
            verbs |= {name: "modify_column" for name, kept in present.items() if kept == "json"}
        return [
            self._filled(verb, table=table.name, definition=self._definition(table.name, column, "ADD "))
            for column in columns
            if (verb := verbs.get(column.name))
        ]

    def comments(self, table: Table) -> list[str]:
        """Return the statements for the comments of a table and its columns, if its DDL cannot hold them."""
        told = {f"TABLE {table.name}": table.comment} | {
            f"COLUMN {table.name}.{column.name}": column.comment for column in table.columns if column.comment
        }
        return [self._filled("comment", what=what, comment=comment) for what, comment in told.items()]

    def create_stage(self, table: Table, name: str = "") -> str:
        """Return the DDL of a session's own copy of a table, empty.

        :param name: of the copy, if it is not that of the stage
        """
        name = name or stage(table)
        definitions = ",\n    ".join(self._definition(name, column) for column in table.columns)
        return self._filled("create_stage", stage=name, definitions=definitions, key=names(table.key))

    def empty_stage(self, table: Table) -> str:
        """Return the statement that empties a session's copy; within a transaction it would end that."""
        return self._filled("empty_stage", stage=stage(table))

    def load(self, into: str, columns: Sequence[str], file: str = "") -> str:
        """Return the bulk load of JSON lines into a session's copy, or into a table itself.

        :param file: the file's name as an SQL literal, if the dialect needs one
        """
        return self._filled("load", file=file, into=into, columns=names(columns))

    def forget(self, family: TableFamily, table: Table) -> str:
        """Return the statement that removes one head's rows from the stage."""
        of_key = " AND ".join(f"{name} = %({name})s" for name in family.head.key)
        return self._filled("forget", stage=stage(table), of_key=of_key)

    def count(self, family: TableFamily) -> str:
        """Return the query for how many heads are staged."""
        return self._family("count", family)

    def upsert_head(self, family: TableFamily) -> str:
        """Return the guarded upsert of the staged heads."""
        head = family.head
        free = [name for name in head.names if name not in (*head.key, *family.versions)]
        # The guard reads the versions: they are assigned last, and the one that decides at the very end.
        guarded = [*free, WINDOW_ID, *reversed(family.versions)]
        guard = self._guard(family, "s", head.name)
        assignments = [
            self._filled("assignment", name=name, guard=guard, head=head.name,
                         source="%(window_id)s" if name == WINDOW_ID else f"s.{name}")
            for name in guarded
        ]  # fmt: skip
        return self._family(
            "upsert_head",
            family,
            columns=names(head.names),
            staged=names(head.names, "s"),
            assignments=",\n    ".join(assignments),
            one_key=head.key[0],
            same_head=f"{row(head.key, 's')} = {row(head.key, head.name)}",
            newer=self._guard(family, "excluded", "h"),
        )

    def _guard(self, family: TableFamily, new: str, old: str) -> str:
        """Return the guard: a new row's version is not below the old one's, unless that was read in the future."""
        there = {name: f"{old}.{name}" for name in family.versions}
        if family.read_at:
            of = there[family.read_at]
            there[family.read_at] = f"CASE WHEN {of} > {self.soon} THEN {new}.{family.read_at} ELSE {of} END"
        values = ", ".join(there.values())
        return f"{row(family.versions, new)} >= {f'({values})' if len(there) > 1 else values}"

    def delete_children(self, family: TableFamily, child: Table) -> str:
        """Return the statement that deletes the children of replaced heads."""
        return self._family("delete_children", family, child=child.name)

    def insert_children(self, family: TableFamily, child: Table) -> str:
        """Return the statement that inserts the staged children of accepted heads."""
        return self._family(
            "insert_children",
            family,
            child=child.name,
            child_stage=stage(child),
            columns=names(child.names),
            staged=names(child.names, "s"),
        )

    def delete_all_children(self, family: TableFamily, child: Table) -> str:
        """Return the statement that deletes the children of all staged heads."""
        return self._family("delete_all_children", family, child=child.name)

    def insert_all_children(self, family: TableFamily, child: Table) -> str:
        """Return the statement that inserts all staged children."""
        return self._family(
            "insert_all_children",
            family,
            child=child.name,
            child_stage=stage(child),
            columns=names(child.names),
            staged=names(child.names, "s"),
        )

    def proof(self, family: TableFamily) -> str:
        """Return the query for what the table has of the staged heads: counts and checksums."""
        return self._family(
            "proof",
            family,
            head_row_hash=self._row_hash(family, "h"),
            stage_row_hash=self._row_hash(family, "s"),
            newer=self._refused(family),
        )

    def present(self, family: TableFamily) -> str:
        """Return the query for whether a table has rows of heads with these keys, given column by column."""
        rows = [self._family("present_rows", family, table=table.name) for table in family]
        return self._family(
            "present", family, given=self.given_keys(family.head), rows=" UNION ALL ".join(rows)
        )

    def lines_there(self, family: TableFamily, child: Table) -> str:
        """Return the query for whether the table has children of a staged head."""
        return self._family("lines_there", family, child=child.name)

    def proof_of_new(self, family: TableFamily) -> str:
        """Return the query for what the table has of the heads with these keys, none of which it had before."""
        return self._family(
            "proof_of_new",
            family,
            given=self.given_keys(family.head),
            head_row_hash=self._row_hash(family, "h"),
        )

    def given_keys(self, head: Table) -> str:
        """Return heads, given column by column, as a part of a statement that is named ``s``."""
        kinds = {column.name: self.types[column.kind].partition("(")[0] for column in head.columns}
        arrays = ", ".join(f"%({name})s::{kinds[name]}[]" for name in head.key)
        return f"unnest({arrays}) AS s ({names(head.key)})"

    def missing(self, family: TableFamily) -> str:
        """Return the query for the staged heads that the table does not have, by their key in the source."""
        return self._family("missing", family, lookup=family.lookup, newer=self._refused(family))

    def _refused(self, family: TableFamily) -> str:
        """Return the condition for a refused head: the table has a newer one, from another certificate."""
        return self._family("newer", family)

    def _family(self, template: str, family: TableFamily, **given: str) -> str:
        head = family.head
        return self._filled(
            template,
            head=head.name,
            stage=stage(head),
            key=names(head.key),
            same_key=" AND ".join(f"c.{name} = s.{name}" for name in head.key),
            refused=" AND ".join(f"r.{name} = s.{name}" for name in head.key),
            of_staged=" AND ".join(f"x.{name} = s.{name}" for name in head.key),
            proving=names((*head.key, *family.versions), "x"),
            first_version=family.versions[0],
            head_version=row(family.versions, "h"),
            stage_version=row(family.versions, "s"),
            **given,
        )

    def _filled(self, template: str, **given: str) -> str:
        return statement(f"sinks/{template}", self.dialect).format(**given)

    def _row_hash(self, family: TableFamily, alias: str) -> str:
        return self.row_hash.format(
            key=names(family.head.key, alias), version=f"{alias}.{family.versions[0]}"
        )

    def _definition(self, table: str, column: Column, adding: str = "") -> str:
        definition = self._filled(
            "definition",
            name=column.name,
            type=self.types[column.kind].format(length=column.length) + self.exact * column.exact,
            null="NOT NULL" if column.required else "NULL",
            comment=column.comment,
        )
        check = self.checks.get(column.kind, "").format(table=table, name=column.name)
        return f"{definition},\n    {adding}{check}" if check else definition


MYSQL = TableStatements(
    "mysql",
    {
        Kind.BIGINT: "BIGINT",
        Kind.MONEY: "DECIMAL(19,4)",
        Kind.TEXT: "VARCHAR({length})",
        Kind.LONG_TEXT: "MEDIUMTEXT",
        Kind.MOMENT: "DATETIME(3)",
        Kind.FLAG: "TINYINT(1)",
        # MariaDB's JSON is this type. MySQL's would keep numbers as doubles, and fields in an order of its own.
        Kind.JSON: "LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
    },
    "(CAST(CONV(LEFT(SHA2(CONCAT_WS('|', {key}, DATE_FORMAT({version}, '%%Y-%%m-%%d %%H:%%i:%%s.%%f')), 256), 16),"
    " 16, 10) AS UNSIGNED) & 9223372036854775807)",
    "NOW(3) + INTERVAL 10 MINUTE",
    " COLLATE utf8mb4_bin",
    {Kind.JSON: "CONSTRAINT `{table}.{name}` CHECK (JSON_VALID({name}))"},
)
POSTGRES = TableStatements(
    "postgres",
    {
        Kind.BIGINT: "bigint",
        Kind.MONEY: "numeric",  # exact without a limit, where numeric(19,4) would round
        Kind.TEXT: "varchar({length})",
        Kind.LONG_TEXT: "text",
        Kind.MOMENT: "timestamptz",
        Kind.FLAG: "boolean",
        Kind.JSON: "jsonb",
    },
    "(('x' || left(encode(sha256(convert_to(concat_ws('|', {key},"
    " to_char({version} AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI:SS.US')), 'UTF8')), 'hex'), 16))"
    "::bit(64)::bigint & 9223372036854775807)",
    "statement_timestamp() + interval '10 minutes'",
)


def stage(table: Table) -> str:
    """Return the name of a session's own copy of a table."""
    return f"stage_{table.name}"


def itself(table: Table) -> str:
    """Return the name of the table that keeps the rows."""
    return table.name


def names(given: Sequence[str], alias: str = "") -> str:
    """Return a list of columns."""
    prefix = f"{alias}." if alias else ""
    return ", ".join(f"{prefix}{name}" for name in given)


def row(given: Sequence[str], alias: str) -> str:
    """Return columns as one row value, for comparisons."""
    return value([names([name], alias) for name in given])


def value(parts: Sequence[str]) -> str:
    """Return expressions as one row value, for comparisons."""
    return f"({', '.join(parts)})" if len(parts) > 1 else parts[0]

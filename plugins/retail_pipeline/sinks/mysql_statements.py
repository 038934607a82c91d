"""Statements for described tables, made from the templates in ``include/sql/sinks/mysql``.

Every name in them comes from a description in this project, never from data.
"""

from __future__ import annotations

from retail_pipeline.statements import statement
from retail_pipeline.table_description import Column, Kind, Table, TableFamily

TYPES = {
    Kind.BIGINT: "BIGINT",
    Kind.MONEY: "DECIMAL(19,4)",
    Kind.TEXT: "VARCHAR({length})",
    Kind.LONG_TEXT: "MEDIUMTEXT",
    Kind.MOMENT: "DATETIME(3)",
    Kind.FLAG: "TINYINT(1)",
    Kind.JSON: "JSON",
}
# Which certificate of etl_window speaks of the row: every row can say when and from what window it came.
WINDOW_ID = "etl_window_id"
_PRINT = "CONCAT_WS('|', {key}, DATE_FORMAT({alias}.{version}, '%%Y-%%m-%%d %%H:%%i:%%s.%%f'))"


def create_table(table: Table, *, is_head: bool) -> str:
    """Return the DDL of a table that keeps rows."""
    definitions = [*map(_definition, table.columns), *([_window_id()] if is_head else [])]
    return _filled(
        "create_table",
        table=table.name,
        definitions=",\n    ".join(definitions),
        key=_names(table.key),
        indexes="".join(f",\n    KEY {table.name}_{name} ({name})" for name in table.indexes),
        comment=table.comment,
    )


def add_columns(table: Table, present: set[str], *, is_head: bool) -> list[str]:
    """Return the DDL that completes a table that has only some of its columns."""
    wanted = {column.name: _definition(column) for column in table.columns}
    if is_head:
        wanted[WINDOW_ID] = _window_id()
    missing = [definition for name, definition in wanted.items() if name not in present]
    return [_filled("add_column", table=table.name, definition=definition) for definition in missing]


def create_stage(table: Table) -> str:
    """Return the DDL of a session's own copy of a table, empty."""
    definitions = ",\n    ".join(map(_definition, table.columns))
    return _filled("create_stage", stage=stage(table), definitions=definitions, key=_names(table.key))


def empty_stage(table: Table) -> str:
    """Return what empties a session's copy; not within a transaction, which it would end."""
    return _filled("empty_stage", stage=stage(table))


def load(table: Table, file: str) -> str:
    """Return the bulk load of a file of JSON lines into a session's copy."""
    return _filled("load", file=file, stage=stage(table), columns=_names(table.names))


def count(family: TableFamily) -> str:
    """Return the question how many heads are staged."""
    return _family("count", family)


def upsert_head(family: TableFamily) -> str:
    """Return the guarded upsert of the staged heads."""
    head, version = family.head, family.version
    free = [name for name in head.names if name not in (*head.key, version)]
    guard = f"s.{version} >= {head.name}.{version}"
    sources = {name: f"s.{name}" for name in free} | {WINDOW_ID: "%(window_id)s", version: f"s.{version}"}
    assignments = [f"{name} = IF({guard}, {source}, {head.name}.{name})" for name, source in sources.items()]
    return _family(
        "upsert_head",
        family,
        columns=_names(head.names),
        staged=_names(head.names, "s"),
        assignments=",\n    ".join(assignments),
    )


def delete_children(family: TableFamily, child: Table) -> str:
    """Return what takes away the children of replaced heads."""
    return _family("delete_children", family, child=child.name)


def insert_children(family: TableFamily, child: Table) -> str:
    """Return what puts the staged children of accepted heads in."""
    return _family(
        "insert_children",
        family,
        child=child.name,
        child_stage=stage(child),
        columns=_names(child.names),
        staged=_names(child.names, "s"),
    )


def proof(family: TableFamily) -> str:
    """Return the question what the table has of the staged heads: counts and checksums."""
    return _family("proof", family, head_print=_print(family, "h"), stage_print=_print(family, "s"))


def missing(family: TableFamily) -> str:
    """Return the question which staged heads the table does not have, by what the source finds them."""
    return _family("missing", family, lookup=family.lookup)


def stage(table: Table) -> str:
    """Return the name of a session's own copy of a table."""
    return f"stage_{table.name}"


def _family(template: str, family: TableFamily, **names: str) -> str:
    head = family.head
    return _filled(
        template,
        head=head.name,
        stage=stage(head),
        key=_names(head.key),
        version=family.version,
        **names,
    )


def _filled(template: str, **names: str) -> str:
    return statement(f"sinks/mysql/{template}").format(**names)


def _print(family: TableFamily, alias: str) -> str:
    return _PRINT.format(key=_names(family.head.key, alias), alias=alias, version=family.version)


def _names(names: tuple[str, ...], alias: str = "") -> str:
    prefix = f"{alias}." if alias else ""
    return ", ".join(f"{prefix}{name}" for name in names)


def _definition(column: Column) -> str:
    kind = TYPES[column.kind].format(length=column.length)
    return f"{column.name} {kind} {'NOT NULL' if column.required else 'NULL'} COMMENT '{column.comment}'"


def _window_id() -> str:
    return f"{WINDOW_ID} BIGINT NULL COMMENT '装载该行的窗口凭证 (etl_window.id)'"

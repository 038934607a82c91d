"""Makes, from the tables' description, the statement that finds the warehouse's rows that changed since loading.

Each database writes, from the columns that it has, the text that ``content_digest`` wrote from the record.
"""

from __future__ import annotations

from functools import cache

from retail_pipeline.databases.statements import Dialect, statement
from retail_pipeline.tables.description import Kind, Table
from retail_pipeline.vendors.taobao.content_digest import digested
from retail_pipeline.vendors.taobao.tables import FEED_TABLES, Children

_TEMPLATES = {
    Kind.BIGINT: "bigint", Kind.MONEY: "money", Kind.MOMENT: "moment", Kind.FLAG: "flag",
    Kind.TEXT: "text", Kind.LONG_TEXT: "text",
}  # fmt: skip


@cache
def content_statement(name: str, dialect: Dialect) -> str:
    """Return the statement that selects the heads of a window of one pushed table that differ from their digest."""
    table = FEED_TABLES[name]
    texts = _fields(table.head, "h", dialect) + [
        _lines(child, table.key, dialect) for child in table.children
    ]
    count = _template(dialect, "content_count")
    counts = [count.format(child=child.table.name, key=table.key) for child in table.children]
    return _template(dialect, "content").format(
        head=table.head.name, key=table.key, counts="".join(counts), fields=",\n".join(texts)
    )


def _fields(table: Table, alias: str, dialect: Dialect) -> list[str]:
    return [
        _template(dialect, f"content_{_TEMPLATES[column.kind]}").format(
            field=field, column=f"{alias}.{column.name}"
        )
        for field, column in digested(table)
    ]


def _lines(child: Children, key: str, dialect: Dialect) -> str:
    list_, element = child.path
    return _template(dialect, "content_lines").format(
        list=list_,
        element=element,
        fields=",\n".join(_fields(child.table, "c", dialect)),
        order=child.table.key[1],
        child=child.table.name,
        key=key,
    )


def _template(dialect: Dialect, name: str) -> str:
    return statement(f"sys_info_warehouse/{name}", dialect)

"""Finds SQL text in Python source: any string that is no docstring and begins as a statement does."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

BEGINS = re.compile(
    r"""\s*(--.*\n\s*)*(
        SELECT\s | INSERT\s+INTO\s | UPDATE\s+[\w."]+\s+SET\s | DELETE\s+FROM\s | MERGE\s+INTO\s
        | (CREATE|DROP|ALTER)\s+(OR\s+REPLACE\s+|TEMP\w*\s+|UNLOGGED\s+)?(TABLE|VIEW|INDEX|SCHEMA|SEQUENCE|FUNCTION)\s
        | TRUNCATE\s | COPY\s+[\w."]+\s | WITH\s+\w+\s+AS\s*\( | SET\s+\w+\s*(=|TO)\s | LOCK\s+TABLE\s
    )""",
    re.VERBOSE | re.IGNORECASE,
)
# Words of English too: SQL only in capitals, or where a table follows.
PROSE = re.compile(r"\s*(select(?!\s.*\sfrom\s+\w+)|set|copy|truncate)\s", re.DOTALL)


def sql_texts(source: str) -> list[str]:
    return [text for text in strings(source) if _is_sql(text)]


def _is_sql(text: str) -> bool:
    return bool(BEGINS.match(text)) and not PROSE.match(text)


def strings(source: str) -> list[str]:
    """Return every string of a source that is no docstring; where an f-string has a value it has an x."""
    return list(_texts(ast.parse(source)))


def _texts(tree: ast.Module) -> Iterator[str]:
    docstrings = {id(node) for node in _docstrings(tree)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield "".join(part.value if isinstance(part, ast.Constant) else "x" for part in node.values)
        elif isinstance(node, ast.Constant) and id(node) not in docstrings:
            if isinstance(node.value, str):
                yield node.value
            elif isinstance(node.value, bytes):
                yield node.value.decode("utf-8", "replace")


def _docstrings(tree: ast.Module) -> Iterator[ast.Constant]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0] if node.body else None
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                yield first.value

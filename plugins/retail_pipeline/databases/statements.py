"""SQL text by name: ``ledger/watermark`` is the statement ``watermark`` of ``include/sql/ledger.sql``.

Where dialects differ it is in ``include/sql/<dialect>/ledger.sql``. A long one is a file of its own.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Literal

from retail_pipeline.errors import ConfigError
from retail_pipeline.settings.included_files import project_file

SQL = project_file("include", "sql")
Dialect = Literal["mysql", "postgres"]
_NAME = re.compile(r"^-- name: (\w+)\n", re.MULTILINE)


@cache
def statement(name: str, dialect: Dialect | None = None) -> str:
    """Return a statement with the comments that belong to it.

    >>> statement("youshu/visit/lock").startswith("SELECT")
    True

    :param dialect: where to look if dialects differ
    :raises ConfigError: there is none of this name
    """
    alone = SQL / f"{name}.sql"
    if alone.is_file():
        return alone.read_text(encoding="utf-8").strip("\n")
    file, _, stem = name.rpartition("/")
    places = [f"{file}.sql", *([f"{dialect}/{file}.sql"] if dialect else [])]
    for place in places:
        if stem in (found := named_statements(SQL / place)):
            return found[stem]
    raise ConfigError(f"there is no statement {stem!r} in {SQL}: looked for in {', '.join(places)}")


@cache
def named_statements(file: Path) -> dict[str, str]:
    """Return the statements of a file by their names; what stands before the first name is about the file."""
    _, *parts = _NAME.split(file.read_text(encoding="utf-8")) if file.is_file() else [""]
    return {name: text.strip("\n") for name, text in zip(parts[::2], parts[1::2], strict=True)}

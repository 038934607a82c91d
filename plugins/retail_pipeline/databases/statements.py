"""SQL text by name: every statement is a file below ``include/sql``."""

from __future__ import annotations

from functools import cache

from retail_pipeline.settings.included_files import project_file

SQL = project_file("include", "sql")


@cache
def statement(name: str) -> str:
    """Return the statement ``include/sql/<name>.sql``.

    >>> statement("youshu/visit_lock").startswith("SELECT")
    True
    """
    return (SQL / f"{name}.sql").read_text(encoding="utf-8")

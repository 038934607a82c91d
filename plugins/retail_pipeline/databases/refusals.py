"""Tells whether a value is to blame for a database's error, for any of the databases."""

from __future__ import annotations

from retail_pipeline.databases import mysql_errors, postgres_errors


def refused_value(fault: BaseException) -> str | None:
    """Return where a database refuses a value, and its code: ``doc (22P02)``; None if no value is to blame.

    It never returns the value itself, which may be personal.

    :param fault: of psycopg or PyMySQL, as it was raised; any other gives None
    """
    place = mysql_errors.refused_value(fault) or postgres_errors.refused_value(fault)
    if place is None:
        return None
    number = fault.args[0] if fault.args and isinstance(fault.args[0], int) else None
    code = getattr(fault, "sqlstate", None) or number
    return f"{place} ({code})" if code else place

"""Is a value to blame for what a database said? Whichever database it is."""

from __future__ import annotations

from retail_pipeline.databases import mysql_errors, postgres_errors


def refused_value(fault: BaseException) -> str | None:
    """Return where a database refuses a value, and its code: ``doc (22P02)``; None where no value is to blame.

    Never the value itself, which may be personal.

    :param fault: of psycopg or PyMySQL, as it was raised; of anything else: None
    """
    place = mysql_errors.refused_value(fault) or postgres_errors.refused_value(fault)
    if place is None:
        return None
    number = fault.args[0] if fault.args and isinstance(fault.args[0], int) else None
    code = getattr(fault, "sqlstate", None) or number
    return f"{place} ({code})" if code else place

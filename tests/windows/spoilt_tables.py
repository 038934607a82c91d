"""Triggers in a target that change what is written, as somebody's own triggers, rules or a wrong session may."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from retail_pipeline.databases.target_session import change, dialect

_FUNCTION = """
CREATE OR REPLACE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN IF {when} THEN NEW.{column} := {value}; END IF; RETURN NEW; END $$"""
# A line cannot be left out by a trigger of MySQL; it becomes that of somebody else.
LOST = {"mysql": "-NEW.{key}", "postgres": "-NEW.{key}"}
GARBLED = {
    "mysql": "CONVERT(CAST(CONVERT(NEW.{column} USING utf8mb4) AS BINARY) USING latin1)",
    "postgres": "convert_from(convert_to(NEW.{column}, 'UTF8'), 'LATIN1')",
}


@contextmanager
def spoiling(session: Any, table: str, column: str, value: str, when: str = "1 = 1") -> Iterator[None]:
    """Let every row that is written to a table be changed.

    :param value: of the column then, an expression of ``NEW``
    :param when: only rows for which this holds
    """
    spoken = dialect(session)
    if spoken == "postgres":
        change(session, _FUNCTION.format(when=when, column=column, value=value))
    for event in ("INSERT", "UPDATE"):
        act = (
            "EXECUTE FUNCTION spoil()"
            if spoken == "postgres"
            else f"SET NEW.{column} = IF({when}, {value}, NEW.{column})"
        )
        change(session, f"CREATE TRIGGER spoil_{event} BEFORE {event} ON {table} FOR EACH ROW {act}")
    try:
        yield
    finally:
        of = f" ON {table}" if spoken == "postgres" else ""
        for event in ("INSERT", "UPDATE"):
            change(session, f"DROP TRIGGER spoil_{event}{of}")

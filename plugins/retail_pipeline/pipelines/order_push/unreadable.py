"""Records at which a shop's view, or their processing, fails: each is named, and none stops the others."""

from __future__ import annotations

# Classes of SQLSTATE: data exceptions, infinity as a number, constraints, exceptions of a routine.
_OF_VALUES = ("22", "0A", "23", "P0")


def raise_unless_of_values(fault: Exception) -> None:
    """Raise errors that no single record causes: the view is missing, a limit was hit, the server is gone."""
    of_driver = type(fault).__name__ == "DataError" and _state(fault) is None  # Python has no such moment
    if not (of_driver or (_state(fault) or "")[:2] in _OF_VALUES):
        raise fault


def unreadable(what: str, number: int, fault: Exception) -> str:
    """Return a description of the record, without the database's message, which may quote a buyer's data."""
    return f"{what} {number} [{_state(fault) or type(fault).__name__}]"


def _state(fault: Exception) -> str | None:
    """Return the SQLSTATE. The driver is not imported here: a DAG file would take three times as long to parse."""
    return getattr(fault, "sqlstate", None)

"""Records at which a shop's view fails, or what is made of them: each is named, and none holds up the others."""

from __future__ import annotations

# Of SQLSTATE: data exceptions, infinity as a number, constraints, what a routine raises.
_OF_VALUES = ("22", "0A", "23", "P0")


def raise_unless_of_values(fault: Exception) -> None:
    """Let go through what is no single record's: the view is missing, a limit was hit, the server is gone."""
    of_driver = type(fault).__name__ == "DataError" and _state(fault) is None  # Python has no such moment
    if not (of_driver or (_state(fault) or "")[:2] in _OF_VALUES):
        raise fault


def unreadable(what: str, number: int, fault: Exception) -> str:
    """Return a record in words, without the database's: they may quote a buyer."""
    return f"{what} {number} [{_state(fault) or type(fault).__name__}]"


def _state(fault: Exception) -> str | None:
    """Return the SQLSTATE. The driver is not imported here: a DAG file would take thrice the time to parse."""
    return getattr(fault, "sqlstate", None)

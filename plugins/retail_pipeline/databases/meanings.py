"""What the caller must do about a database's error, for any database. Pure: it knows no driver."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import Enum
from typing import NamedTuple

from retail_pipeline.errors import (
    CheckFailed,
    ConfigError,
    DatabaseUnavailable,
    PipelineError,
    UnknownDatabaseError,
)


class Remedy(Enum):
    """What helps against an error."""

    WAIT = "it passes by itself"
    MEND = "a person mends a setting, a grant, a table or the server"
    VALUE = "the row is set aside: its value is refused"
    REPORT = "a statement of ours is wrong for this server"
    UNKNOWN = "nobody knows: it is tried again, and people are told"


class Meaning(NamedTuple):
    """What a code means.

    :ivar hint: what to look at: a field of the connection, a grant, a server setting, a command
    """

    remedy: Remedy
    hint: str = ""


# A mistake in our program is as permanent as a wrong setting, and people are alerted in the same way.
_ERRORS: dict[Remedy, type[PipelineError]] = {
    Remedy.WAIT: DatabaseUnavailable,
    Remedy.MEND: ConfigError,
    Remedy.VALUE: CheckFailed,
    Remedy.REPORT: ConfigError,
}
REPORT = Meaning(
    Remedy.REPORT,
    "the server does not take a statement of this release: is its version supported, were tables or views changed "
    "by hand? If not, report it",
)
UNKNOWN = Meaning(Remedy.UNKNOWN, "in no table of known errors, so it is tried again; report it")
APPLY_SCHEMA = "run `retail schema apply`"


def error_of(conn_id: str, meaning: Meaning, code: str | int | None, words: str) -> PipelineError:
    """Return the error that the rest of the project understands.

    :param words: without any value of a row
    """
    told = f"connection {conn_id!r}: {'' if code is None else f'[{code}] '}{words}"
    told = f"{told}; {meaning.hint}" if meaning.hint else told
    if meaning.remedy is Remedy.UNKNOWN:
        return UnknownDatabaseError(told, "" if code is None else str(code))
    return _ERRORS[meaning.remedy](told)


@contextmanager
def classing(conn_id: str, classed: Callable[[str, Exception], PipelineError | None]) -> Iterator[None]:
    """Turn an exception raised inside into the error that a driver's table has for it."""
    try:
        yield
    except PipelineError:
        raise  # an inner call has classed it already, perhaps in the name of another connection
    except Exception as fault:
        error = classed(conn_id, fault)
        if error is None:
            raise
        # Keep where it was raised, and not its words: they may quote values.
        raise error.with_traceback(fault.__traceback__) from None


def raised_in(fault: BaseException, *packages: str) -> bool:
    """Return whether a package's own code raised a fault, and not the code that called the package."""
    trace = fault.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    module = f"{trace.tb_frame.f_globals.get('__name__')}." if trace else ""
    return module.startswith(tuple(f"{package}." for package in packages))

"""Errors, sorted by what the caller must do about them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any


class PipelineError(Exception):
    """Root of every error that this project raises on purpose.

    :ivar certified: the ledger has it already
    """

    certified = False


def told(error: BaseException) -> str:
    """Return what may stand in a table or a message: an error that is not of ours may quote a record, or a secret."""
    return str(error) if isinstance(error, PipelineError) else f"{type(error).__name__}: see the task's log"


class ConfigError(PipelineError):
    """Somebody must change a setting or a connection; waiting cures nothing.

    The message names the field to mend and where it is.
    """


class OrderTablesMissing(ConfigError):
    """The views of a shop's orders read tables that are not there."""


class CheckFailed(PipelineError):
    """Data contradict what was promised of them."""


class DayInDoubt(PipelineError):
    """A day looks wrong: a person has to say that it is right, or to mend it. Ask again later.

    :ivar why: what looks wrong
    :ivar otherwise: what becomes of it where nobody does anything, in English and Chinese
    """

    def __init__(self, why: str, otherwise: tuple[str, str]) -> None:
        super().__init__(f"{why}; {otherwise[0]}")
        self.why = why
        self.otherwise = otherwise


class ValueRefused(CheckFailed):
    """A database does not take a value of some record; what was tried with it is undone.

    :param where: the column, or the constraint, as far as the database tells; never the value, which may be personal
    """

    def __init__(self, where: str) -> None:
        super().__init__(f"the database refuses a value: {where}")
        self.where = where


class DatabaseUnavailable(PipelineError):
    """A database cannot be reached, or let us wait for too long: try again later."""


class TaskStopped(PipelineError):
    """Somebody has stopped the task before it was done: another try goes on."""


class UnknownDatabaseError(DatabaseUnavailable):
    """A database says what no table of ours knows: try again, and tell people.

    :ivar code: the server's number or SQLSTATE; empty where there is none
    """

    def __init__(self, message: str, code: str = "") -> None:
        super().__init__(message)
        self.code = code


class WindowIncomplete(PipelineError):
    """What a source holds for a window and what arrived do not add up: load it again."""

    certified = True


class NotTried(PipelineError):
    """A chunk was not asked for, since those before it failed."""


class ChunksFailed(PipelineError):
    """Several chunks of a window could not be loaded, each for a reason of its own; the others were."""

    certified = True

    def __init__(self, message: str, errors: Sequence[Exception]) -> None:
        super().__init__(message)
        self.errors = errors


class SourceUnsteady(PipelineError):
    """Records kept changing while they were read, so nobody can tell whether all are there: try again later."""


class RecordRejected(PipelineError):
    """One record cannot be used: set it aside and go on with the rest.

    :param reason: a code to count and to search by, e.g. ``text_too_long``
    :param detail: the column, and what is wrong with it; never the value, which may be personal
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail


class ApiError(PipelineError):
    """A vendor's call did not give what was asked for.

    :param vendor: system name as in this project's folders: ``wechat``, ``youshu`` …
    :param method: the vendor's own name of the call, or its path
    :param code: the vendor's error code as text; None where no vendor answer was understood
    :param request_id: the vendor's id of the call, for their support
    :param mend: the connection's field that a person has to look at, where it can be told
    :param reply: the answer's text as it came, to be kept with what was sent
    """

    def __init__(
        self,
        message: str,
        *,
        vendor: str,
        method: str,
        code: str | None = None,
        request_id: str | None = None,
        mend: str | None = None,
        reply: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.vendor = vendor
        self.method = method
        self.code = code
        self.request_id = request_id
        self.mend = mend
        self.reply = reply

    def __str__(self) -> str:
        code = f" [{self.code}]" if self.code is not None else ""
        request = f" (request id {self.request_id})" if self.request_id else ""
        mend = f"; mend: {self.mend}" if self.mend else ""
        return f"{self.vendor} {self.method}{code}: {self.message}{request}{mend}"


class TransientApiError(ApiError):
    """Try again later: busy, network fault, 5xx, a reply that was cut."""


class UnknownApiError(TransientApiError):
    """A vendor says what no table of ours knows: try again, and tell people."""


class NoAnswer(TransientApiError):
    """The request went out and no usable answer came back: the vendor may or may not have taken it."""


class RateLimited(TransientApiError):
    """The vendor asks to slow down; ``retry_after`` is its wish where it states one."""

    def __init__(self, message: str, *, retry_after: timedelta | None = None, **facts: Any) -> None:
        super().__init__(message, **facts)
        self.retry_after = retry_after


class NotReady(TransientApiError):
    """The vendor has not computed the data yet."""


class PermanentApiError(ApiError):
    """Asking again the same way gives the same answer."""


class AuthRejected(PermanentApiError):
    """The vendor does not accept who we are: a field of the connection must be mended."""


class BadRequest(PermanentApiError):
    """The vendor does not accept what we sent."""

"""Where alerts are recorded and sent: given to whoever raises them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeVar

from retail_pipeline.alerts.daemon_threads import within
from retail_pipeline.errors import DatabaseUnavailable

if TYPE_CHECKING:
    import psycopg

    from retail_pipeline.alerts.channel import Channel

Result = TypeVar("Result")
# The record answers a question within so many seconds, the session's beginning among them, or it counts as down: a
# server that accepts and then says nothing would hold whoever alerts for minutes.
RECORD_SECONDS: Final = 15.0


@dataclass(frozen=True)
class Alerting:
    """The record of alerts, and the channels.

    :ivar record: the name of its database, for messages
    :ivar open_record: opens a session with it
    :ivar read_channels: raises ConfigError where there is none
    :ivar link: the page of a DAG, for people
    """

    record: str
    open_record: Callable[[], AbstractContextManager[psycopg.Connection[Any]]]
    read_channels: Callable[[], list[Channel]]
    link: Callable[[str], str]

    def ask_record(self, question: Callable[[psycopg.Connection[Any]], Result]) -> Result:
        """Return what the record answers; a question that it keeps goes on in a thread of its own.

        :raises DatabaseUnavailable: it has not answered within ``RECORD_SECONDS``, or as a session does
        :raises ConfigError: as a session does
        """

        def answer() -> Result:
            with self.open_record() as session:
                return question(session)

        try:
            return within(RECORD_SECONDS, answer)
        except TimeoutError:
            raise DatabaseUnavailable(f"{self.record}: no answer within {RECORD_SECONDS:.0f} s") from None
